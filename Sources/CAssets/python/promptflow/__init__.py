"""Pawang's own small `promptflow`: what flows import to be run.

`pawang_worker` turns to the installed package for the rest.
"""

from promptflow._core.metric_logger import log_metric
from promptflow._core.tool import ToolProvider, tool

log_flow_metric = log_metric

__all__ = ["ToolProvider", "log_metric", "tool"]
