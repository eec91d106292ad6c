from jinja2 import Template
from promptflow.connections import CustomConnection
from promptflow.contracts.types import PromptTemplate
from promptflow.core import tool


@tool
def ask(connection: CustomConnection, prompt: PromptTemplate, **kwargs) -> str:
  """Stands for a model of one's own: says what it was asked, and where it would have asked."""
  question = Template(prompt, trim_blocks=True, keep_trailing_newline=True).render(**kwargs)
  return "%s <- %s" % (connection.endpoint, question.strip())
