"""`log_metric`, and who listens to it."""

_listeners = []


def log_metric(key, value, variant_id=None):
    """Records a metric of the run; `variant_id` is accepted and not used."""
    for listener in list(_listeners):
        listener(key, value)


def add_metric_logger(logger_func):
    if logger_func not in _listeners:
        _listeners.append(logger_func)


def remove_metric_logger(logger_func):
    _listeners.remove(logger_func)
