import requests
from promptflow import tool


@tool
def fetch(url: str) -> str:
  answer = requests.get(url, timeout=10)
  answer.raise_for_status()
  return answer.text
