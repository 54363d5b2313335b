"""Small makers that the tests of several rooms share."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from policy_engine import Engine, Policy, VirtualClock, load_policy
from policy_engine.clock import Clock
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
        "exception_module": "builtins",
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


def an_engine(policy: str, *, clock: Clock | None = None, dry: bool = False) -> Engine:
    """An engine that runs ``policy`` (TOML) on a virtual clock."""
    return Engine(a_policy(policy), clock=clock or VirtualClock(), random=Random(1), dry=dry)


def a_policy(text: str) -> Policy:
    """The compiled policy of one file with this text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return load_policy(path)


def raised(error: BaseException) -> BaseException:
    """The error with a traceback, as an ``except`` clause has it."""
    try:
        raise error
    except BaseException as caught:
        return caught
