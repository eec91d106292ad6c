from promptflow.connections import CustomConnection
from promptflow.core import tool


@tool
def open_vault(vault: CustomConnection, text: str) -> dict:
    return {"kind": type(vault).__name__, "place": vault.place, "lengths": [0, len(vault.secrets["token"])]}
