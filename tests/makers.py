"""Small makers that the tests of several rooms share."""

from __future__ import annotations

from typing import Any

from policy_engine.model import Cause, Occurrence


def an_error(type_: str = "ValueError", message: str = "bad", *bases: str, **fields: Any) -> Occurrence:
    """An occurrence of ``type_`` with ``bases`` behind it on the MRO."""
    return Occurrence(type=type_, mro=(type_, *bases, "Exception", "BaseException"), message=message, **fields)


def a_cause(type_: str, message: str = "", *bases: str, **attributes: object) -> Cause:
    """A cause as capture and readers make it."""
    return Cause(type_, (type_, *bases, "Exception", "BaseException"), message, attributes, "cause")
