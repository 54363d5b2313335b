"""Recorded errors as JSON Lines: what `ErrorInfo.to_json` writes, and what anybody can write by hand.

::

    {"id": 7, "type": "sqlite3.OperationalError", "message": "database is locked", "time": "2024-05-01T12:00:00Z"}

Only ``type``, ``message`` or ``traceback`` is needed. ``category``, ``severity`` and ``retryable`` are never read,
other unknown fields are ignored, and a field of the wrong kind counts as missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite

from policy_engine.model import Cause, Frame, Occurrence, short_name
from policy_engine.simulate.formats.attributes import attributes_in
from policy_engine.simulate.formats.levels import LEVELS
from policy_engine.simulate.formats.printed_exception import MAX_FRAMES
from policy_engine.simulate.formats.standard_types import mro_of
from policy_engine.simulate.formats.times import seconds_of_value
from policy_engine.simulate.formats.traceback import MAX_CAUSES, read_traceback, stack_of_last

NAME = "record"

_MAX_MRO = 64
_MAX_DEPTH = 8
_RELATIONS = ("cause", "context", "member")
_TELLING = frozenset({"mro", "traceback", "cause", "attributes", "attrs", "exception_type"})
_OF_LOGS = frozenset(
    {
        *("level", "levelname", "levelno", "log.level", "severity_text", "severityText", "lvl", "@l"),
        *("event", "log", "record", "asctime", "@timestamp", "exc_info", "funcName", "threadName", "pathname"),
    }
)


def is_surely_record(data: Mapping[str, object]) -> bool:
    """Whether an object says more than others do of an exception, so that it is a record wherever it stands."""
    return isinstance(data.get("type"), str) and not _TELLING.isdisjoint(data)


def is_record(data: Mapping[str, object]) -> bool:
    """Whether an object is an error's record, not a line of a JSON log that happens to have a message."""
    if is_surely_record(data):
        return True
    if not _OF_LOGS.isdisjoint(data):
        return False
    severity = data.get("severity")
    if "type" not in data and isinstance(severity, str) and severity in LEVELS:
        return False
    return any(isinstance(data.get(name), str) for name in ("type", "message", "traceback"))


def occurrence_of(data: Mapping[str, object]) -> Occurrence | None:
    """Read one record; ``None`` where it says nothing of an error."""
    name, message, printed = _text(data, "type"), _text(data, "message"), _text(data, "traceback")
    if name is None and message is None and printed is None:
        return None
    nested = data.get("cause")
    causes = (_causes(nested) or None) if nested else None
    stack: tuple[Frame, ...] | None = None
    if printed:
        last = None if name is None or message is None else stack_of_last(printed)
        if last is None or (last[1] and causes is None):
            read = read_traceback(printed)
            name = read.type if name is None else name
            message = read.message if message is None else message
            causes = read.causes if causes is None else causes
            stack = read.stack
        else:
            stack = last[0]
    name = short_name(name or "")
    mro = _mro(data.get("mro"), name)
    message = message or ""
    return Occurrence(
        type=name,
        mro=mro,
        message=message,
        time=seconds_of_value(data["time"]) if "time" in data else None,
        attributes=_attributes(data, message, mro),
        causes=causes or (),
        stack=stack or _stack(data.get("stack")),
        module=_text(data, "module") or "",
        function=_text(data, "function") or (stack[0].function if stack else ""),
        context=_mapping(data.get("context")),
        type_module=_text(data, "exception_module") or "",
    )


def id_of(data: Mapping[str, object]) -> str | int | float | None:
    """The record's id, as it came in."""
    found = data.get("id")
    if isinstance(found, float) and not isfinite(found):
        return None
    return found if isinstance(found, str | int | float) and found != "" else None


def _text(data: Mapping[str, object], name: str) -> str | None:
    value = data.get(name)
    if value is None or type(value) is str:
        return value
    if name == "traceback":
        return "".join(item for item in value if isinstance(item, str)) if isinstance(value, list) else None
    return json.dumps(value, ensure_ascii=False)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _mro(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        return mro_of(name)
    try:
        names = _short_names(tuple(value[:_MAX_MRO]))
    except TypeError:  # a list among the names
        names = _short_names(tuple([item for item in value if type(item) is str][:_MAX_MRO]))
    return names if not name or name in names else (name, *names)


@lru_cache(maxsize=4096)
def _short_names(names: tuple[object, ...]) -> tuple[str, ...]:
    """The texts among the names, as they are kept; the same few class hierarchies come again and again."""
    return tuple(short for name in names if type(name) is str and (short := short_name(name)) != "object")


def _attributes(data: Mapping[str, object], message: str, mro: Sequence[str]) -> Mapping[str, object]:
    for name in ("attributes", "attrs"):
        if name in data:
            found = _mapping(data[name])
            return {key: value for key, value in found.items() if value is not None} if found else found
    return attributes_in(message, mro)


def _stack(value: object) -> tuple[Frame, ...]:
    """Frames as `ErrorInfo.to_dict` writes them."""
    if not isinstance(value, list):
        return ()
    frames = [
        Frame(
            str(item.get("file", "")),
            line if isinstance(line := item.get("line"), int) else 0,
            str(item.get("function", "")),
        )
        for item in value
        if isinstance(item, dict)
    ]
    return tuple(frames if len(frames) <= MAX_FRAMES else frames[: MAX_FRAMES // 2] + frames[-(MAX_FRAMES // 2) :])


def _causes(value: object, depth: int = _MAX_DEPTH) -> tuple[Cause, ...]:
    """Causes, each followed by its own where they are nested; one alone needs no list."""
    found: list[Cause] = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict) or len(found) >= MAX_CAUSES:
            continue
        name, message = short_name(_text(item, "type") or ""), _text(item, "message") or ""
        mro = _mro(item.get("mro"), name)
        relation = item.get("relation")
        found.append(
            Cause(name, mro, message, _attributes(item, message, mro), relation if relation in _RELATIONS else "cause")
        )
        if depth and "cause" in item:
            found += _causes(item["cause"], depth - 1)
    return tuple(found[:MAX_CAUSES])
