import bs4
from promptflow import tool


@tool
def parse(html: str) -> dict:
  page = bs4.BeautifulSoup(html, "html.parser")
  return {"title": page.title.get_text(), "links": [link["href"] for link in page.find_all("a")]}
