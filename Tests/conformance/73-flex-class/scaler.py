class Scaler:
    def __init__(self, factor: int = 1):
        self.factor = factor

    def __call__(self, number: int) -> int:
        return number * self.factor

    def __aggregate__(self, results: list) -> dict:
        return {"sum": sum(results), "lines": len(results)}
