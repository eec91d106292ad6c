"""Names that older tools import from here."""

from promptflow._core.metric_logger import add_metric_logger
from promptflow._core.tool import ToolProvider, tool
from promptflow._core.tools_manager import register_apis, register_builtins, register_connections

__all__ = ["ToolProvider", "add_metric_logger", "register_apis", "register_builtins", "register_connections", "tool"]
