"""python-json-logger's lines: the names of Python's log records, as they are or renamed, and ``exc_info`` as text."""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, context_of, text_in
from policy_engine.simulate.formats.levels import is_serious

NAME = "python-json-logger"

_OWN = ("levelname", "levelno", "exc_info", "asctime", "funcName", "threadName", "pathname", "stack_info")


def _recognises(data: Data) -> bool:
    return isinstance(data.get("message"), str) and any(name in data for name in _OWN)


def _entries(data: Data) -> Sequence[Entry]:
    level = next((data[name] for name in ("levelname", "level", "levelno", "severity") if name in data), None)
    return (
        Entry(
            message=text_in(data, "message"),
            serious=is_serious(level),
            time=next((data[name] for name in ("asctime", "timestamp", "time", "created") if name in data), None),
            logger=text_in(data, "name", "logger"),
            traceback=text_in(data, "exc_info"),
            function=text_in(data, "funcName"),
            context=context_of(data, process="process", thread="threadName", request="request_id"),
        ),
    )


FORMATS = (JsonFormat(NAME, _recognises, _entries),)
