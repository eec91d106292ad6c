import asyncio

from promptflow.core import tool


@tool
async def later(word: str, seconds: float) -> str:
    await asyncio.sleep(seconds)
    return word
