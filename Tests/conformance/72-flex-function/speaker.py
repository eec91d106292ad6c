def speak(text: str, times: int = 3) -> dict:
    said = text * times
    return {"said": said, "length": len(said)}
