from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import PromptTemplate
from langchain_core.runnables import RunnableLambda
from promptflow.core import tool


@tool
def chain(topic: str) -> str:
  steps = PromptTemplate.from_template("About {topic}.") | RunnableLambda(lambda value: value.to_string().upper())
  return (steps | StrOutputParser()).invoke({"topic": topic})
