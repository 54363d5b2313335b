"""JSON logs of other loggers: Bunyan and Pino, zap and logrus, Logstash encoders, Google Cloud, Serilog.

They agree on little but that there are a level and a message; each has names of its own for them.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, context_of, text_in, value_in
from policy_engine.simulate.formats.levels import LEVELS, is_serious

NAME = "json-log"

_LEVELS = ("level", "severity", "lvl", "loglevel", "log_level", "@l", "Level")
_MESSAGES = ("message", "msg", "@m", "@mt", "text", "Message")
_TIMES = ("timestamp", "time", "@timestamp", "ts", "@t", "Timestamp", "date")
_TRACEBACKS = (
    *("traceback", "exc_info", "exception", "stack_trace", "stacktrace", "stack"),
    *("err.stack", "error.stack", "error.stack_trace", "@x"),
)
_ERROR_OF_PINO = 50


def _recognises(data: Data) -> bool:
    return _level(data) is not None and any(isinstance(data.get(name), str) for name in _MESSAGES)


def _level(data: Data) -> str | int | None:
    for name in _LEVELS:
        value = data.get(name)
        if isinstance(value, str) and (value in LEVELS or value.upper() in LEVELS):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100:
            return value
    return None


def _entries(data: Data) -> Sequence[Entry]:
    message, error = text_in(data, *_MESSAGES), _error(data)
    level = _level(data)
    if isinstance(level, int) and ("pid" in data or "hostname" in data):
        serious = level >= _ERROR_OF_PINO  # where 40 is a warning
    else:
        serious = is_serious(level)
    return (
        Entry(
            message=message if not error or error in message else f"{message}: {error}",
            serious=serious,
            time=next((data[name] for name in _TIMES if name in data), None),
            logger=text_in(data, "logger", "logger_name", "loggerName", "name", "SourceContext"),
            type=text_in(data, "err.type", "error.type", "err.name", "error.name", "exception.type", "exc_type"),
            error=text_in(data, "err.message", "error.message", "exception.message"),
            traceback=_traceback(data),
            function=text_in(data, "function", "func", "funcName"),
            context=context_of(data, host="hostname", process="pid", thread="thread_name", service="service"),
        ),
    )


def _error(data: Data) -> str:
    """What Go's loggers put beside a message that says only what was tried."""
    value = next((data[name] for name in ("error", "err") if isinstance(data.get(name), str)), "")
    return value if "\n" not in value else ""


def _traceback(data: Data) -> str:
    names = (
        "traceback",
        "exc_info",
        "exception",
        "stack_trace",
        "stacktrace",
        "stack",
        "err.stack",
        "error.stack",
        "@x",
    )
    values = (value_in(data, name) for name in names)
    return next((value for value in values if isinstance(value, str) and "\n" in value), "")


FORMATS = (JsonFormat(NAME, _recognises, _entries, sure=False),)
