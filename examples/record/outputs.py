"""The two ways in which each error is written down: as a `logging` line with its traceback, and as a JSON record.

Both are `logging` handlers on the same program, so both hold the same errors in the same order.
"""

from __future__ import annotations

import json
import logging
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from record.anonymise import Anonymiser

FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"

_ATTRIBUTES = ("errno", "code", "status", "status_code", "reason", "returncode", "sqlite_errorcode", "sqlite_errorname")


class LogFile(logging.FileHandler):
    """Every line as Python's `logging` prints it, in UTC."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="w", encoding="utf-8")
        self._anonymise = Anonymiser()
        formatter = logging.Formatter(FORMAT)
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its traceback with the machine's paths shortened."""
        return self._anonymise(super().format(record))


class RecordFile(logging.FileHandler):
    """One JSON object a line for each line at ERROR or worse; the others are left out."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="w", encoding="utf-8")
        self.setLevel(logging.ERROR)
        self._anonymise = Anonymiser()
        self._tracebacks = logging.Formatter()
        self._written = 0

    def format(self, record: logging.LogRecord) -> str:
        """Return one recorded error, in the form that ``replay`` reads."""
        self._written += 1
        error = record.exc_info[1] if record.exc_info else None
        described = {"message": record.getMessage()} if error is None else _described(error, self._tracebacks)
        context = {"logged": record.getMessage(), **getattr(record, "context", {})}
        data = {
            "id": f"bot-{self._written:04}",
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            **described,
            "module": record.name,
            "function": record.funcName,
            "context": context,
        }
        return self._anonymise(json.dumps(data, ensure_ascii=False))


def _described(error: BaseException, tracebacks: logging.Formatter) -> dict[str, object]:
    return {
        "type": _name(type(error)),
        "mro": [_name(each) for each in type(error).__mro__ if each is not object],
        "message": str(error),
        "attributes": _attributes(error),
        "cause": [{"type": _name(type(each)), "message": str(each)} for each in _behind(error)],
        "traceback": tracebacks.formatException((type(error), error, error.__traceback__)),
    }


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _attributes(error: BaseException) -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # websockets warns of the attribute that everybody's rules name
        values = {name: getattr(error, name, None) for name in _ATTRIBUTES}
    values["status_code"] = values["status_code"] or getattr(getattr(error, "response", None), "status_code", None)
    return {name: value for name, value in values.items() if isinstance(value, str | int)}


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Yield what a traceback prints beside ``error``: its causes, and a group's members with theirs."""
    following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if following is not None:
        yield following
        yield from _behind(following)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield member
            yield from _behind(member)
