"""What prompt flow asks a package for: its tools by id."""


def package_tools():
  return {
    "pawang_sample_tools.counting.count_words": {
      "name": "Count words", "type": "python", "module": "pawang_sample_tools.counting", "function": "count_words",
      "deprecated_tools": ["old_sample_tools.count"], "inputs": {"text": {"type": ["string"]}},
    },
    "pawang_sample_tools.greeting.Greeter.greet": {
      "name": "Greet", "type": "python", "module": "pawang_sample_tools.greeting", "class_name": "Greeter",
      "function": "greet", "inputs": {"polite": {"type": ["bool"]}, "name": {"type": ["string"]}},
    },
    "pawang_sample_tools.asking.ask": {
      "name": "Ask", "type": "custom_llm", "module": "pawang_sample_tools.asking", "function": "ask",
      "inputs": {"connection": {"type": ["CustomConnection"]}},
    },
  }
