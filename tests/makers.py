"""Small makers that the tests of several rooms share."""

from __future__ import annotations

from typing import Any

from policy_engine.model import Cause, ErrorInfo, Occurrence, Severity


def an_error(type_: str = "ValueError", message: str = "bad", *bases: str, **fields: Any) -> Occurrence:
    """An occurrence of ``type_`` with ``bases`` behind it on the MRO."""
    return Occurrence(type=type_, mro=(type_, *bases, "Exception", "BaseException"), message=message, **fields)


def a_cause(type_: str, message: str = "", *bases: str, **attributes: object) -> Cause:
    """A cause as capture and readers make it."""
    return Cause(type_, (type_, *bases, "Exception", "BaseException"), message, attributes, "cause")


def an_info(**fields: Any) -> ErrorInfo:
    """A handled error; ``fields`` are its own."""
    plain: dict[str, Any] = {
        "id": "1",
        "time": 0.0,
        "exception_type": "ValueError",
        "exception_module": "",
        "mro": ("ValueError", "Exception", "BaseException"),
        "message": "bad",
        "attributes": {},
        "causes": (),
        "stack": (),
        "module": "",
        "function": "",
        "context": {},
        "fingerprint": "f",
        "category": "UNKNOWN",
        "severity": Severity.MEDIUM,
        "retryable": False,
        "tags": (),
        "rule": None,
        "level": "full",
        "recovery_status": None,
        "recovery_id": None,
        "handling_seconds": 0.0,
    }
    return ErrorInfo(**(plain | fields))
