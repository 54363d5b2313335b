"""What a JSON format is: it knows its lines, and what each says of an event of a log.

A format knows one object at a time and decides nothing about it but how bad its level is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policy_engine.simulate.formats.line_format import Parts, Wraps
from policy_engine.simulate.formats.traceback import Traceback

Data = Mapping[str, Any]


class Entry(NamedTuple):
    """One event of a JSON log. What its logger did not say is empty."""

    message: str
    serious: bool
    """Whether its level is ERROR or worse."""
    time: object = None
    logger: str = ""
    type: str = ""
    """The exception's class."""
    error: str = ""
    """The exception's message."""
    traceback: str | Traceback = ""
    """As printed, in whatever language, or as it was taken apart."""
    function: str = ""
    context: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """One shape of JSON lines."""

    name: str
    recognises: Callable[[Data], bool]
    entries: Callable[[Data], Sequence[Entry]]
    sure: bool = field(default=True)
    """Whether its objects are so much its own that they are no part of another record's text."""


@dataclass(frozen=True, slots=True)
class JsonWrapper:
    """One shape of JSON lines around the lines that processes wrote."""

    name: str
    recognises: Callable[[Data], bool]
    parts: Callable[[Data], Parts]
    wraps: Wraps
    serious: frozenset[str]


def text_in(data: Data, *names: str) -> str:
    """The first of some fields that holds text; numbers count as text, ``a.b`` also as ``{"a": {"b": ...}}``."""
    for name in names:
        value = value_in(data, name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def value_in(data: Data, name: str) -> object:
    """A field by its name, or by the way to it through nested objects."""
    if name in data:
        return data[name]
    found: object = data
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def object_at(data: Data, name: str) -> Data:
    """A field that holds an object, or an empty one."""
    value = value_in(data, name)
    return value if isinstance(value, Mapping) else {}


def context_of(data: Data, **names: str) -> dict[str, object]:
    """Where it happened, from the fields named."""
    return {key: text for key, name in names.items() if (text := text_in(data, name))}
