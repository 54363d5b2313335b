"""One error as it was found in an input, and how an open error of a log becomes one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from policy_engine.model import Cause, Occurrence, short_name
from policy_engine.simulate.formats.attributes import attributes_in
from policy_engine.simulate.formats.java_trace import read_java_trace
from policy_engine.simulate.formats.json_format import Entry
from policy_engine.simulate.formats.line_format import Parts
from policy_engine.simulate.formats.printed_exception import BOX, HEADER
from policy_engine.simulate.formats.standard_types import mro_of
from policy_engine.simulate.formats.times import seconds_of_value
from policy_engine.simulate.formats.traceback import (
    Traceback,
    is_telling,
    may_hold_traceback,
    names_exception,
    read_traceback,
    start_of_chain,
    starts_traceback,
)
from policy_engine.simulate.reading.open_error import ANNOUNCEMENTS, IGNORED, OpenError, is_ignored

_FUTURE_FAILED = re.compile(r"exception=([A-Za-z_][\w.]*)\((['\"]?)(.*)\2\)>\Z")

CUT_SHORT = "(its traceback is cut short)"
_MAX_TEXT = 8192
_STREAMS = ("stdout", "stderr")
_KEPT = ("logger", "host", "process", "thread", "peer")


class Found(NamedTuple):
    """One error, where it stands, and what its record calls it."""

    occurrence: Occurrence
    line: int
    """The number of its first line, from 1."""
    id: str | int | float | None = None
    """As the record has it; logs have none."""
    traceback: bool = False
    """Whether it carries one."""

    @property
    def closed(self) -> bool:
        """True, as of an open error that got its last line: both wait in one queue."""
        return True


def found_in_log(opened: OpenError, reference: float | None) -> Found:
    """Make an occurrence of an error's lines. ``reference`` is when its file was written, for times without a year."""
    lines = opened.text.lines()
    at, traceback = _traceback_in(lines, opened.trace_at)
    text = _text_before(lines, at) if traceback is not None else "\n".join(lines).strip()
    parts = opened.parts
    if parts is None:
        return _found(opened, traceback, text, module="", function="", time=None, context={})
    if parts.peer and traceback is None:
        text = f"{parts.peer} {text}"
    time = seconds_of_value(parts.time, reference) if parts.time else None
    return _found(
        opened, traceback, text, module=parts.logger, function=parts.function, time=time, context=_context_of(parts)
    )


def found_in_entry(entry: Entry, line: int, reference: float | None, outer: Parts | None) -> Found:
    """Make an occurrence of an event of a JSON log; ``outer`` is what was put around its line."""
    traceback = _read(entry.traceback or (entry.message if may_hold_traceback(entry.message) else ""))
    name, message = _named_in_entry(entry, traceback)
    mro = mro_of(name)
    stack = () if traceback is None else traceback.stack
    time = seconds_of_value(entry.time, reference)
    if time is None and outer is not None:
        time = seconds_of_value(outer.time, reference)
    context = {"logger": entry.logger, **_context_of(outer), **entry.context}
    if entry.message != message:
        context["log_message"] = entry.message[:_MAX_TEXT]
    occurrence = Occurrence(
        type=name,
        mro=mro,
        message=message,
        time=time,
        attributes=attributes_in(message, mro),
        causes=() if traceback is None else traceback.causes,
        stack=stack,
        module=entry.logger,
        function=entry.function or (stack[0].function if stack else ""),
        context={key: value for key, value in context.items() if value},
    )
    return Found(occurrence, line, None, traceback is not None)


def _read(printed: str | Traceback) -> Traceback | None:
    if isinstance(printed, Traceback):
        return printed
    return _traceback_in(printed.split("\n"), None)[1] if printed else None


def _named_in_entry(entry: Entry, traceback: Traceback | None) -> tuple[str, str]:
    """The type and message that an event names, or its traceback; the traceback knows the type's module."""
    name, message = short_name(entry.type), entry.error
    if traceback is not None and traceback.type:
        if not name or traceback.type.endswith(f".{name}"):
            name = traceback.type
        message = message or traceback.message
    if not name:
        return _named(None, message or entry.message)
    return name, message or ("" if traceback is not None and traceback.type else entry.message)


def _context_of(parts: Parts | None) -> dict[str, object]:
    if parts is None:
        return {}
    return {name: value for name in _KEPT if (value := getattr(parts, name)) and value not in _STREAMS}


def _found(
    opened: OpenError,
    traceback: Traceback | None,
    text: str,
    *,
    module: str,
    function: str,
    time: float | None,
    context: dict[str, object],
) -> Found:
    name, message = _named(traceback, text)
    mro = mro_of(name)
    stack = () if traceback is None else traceback.stack
    if traceback is not None and text:
        context["log_message"] = text[:_MAX_TEXT]
    occurrence = Occurrence(
        type=name,
        mro=mro,
        message=message,
        time=time,
        attributes=attributes_in(message, mro),
        causes=() if traceback is None else traceback.causes,
        stack=stack,
        module=module,
        function=function or (stack[0].function if stack else ""),
        context=context,
    )
    return Found(occurrence, opened.first_line, None, traceback is not None)


def _traceback_in(lines: Sequence[str], known: int | None) -> tuple[int, Traceback | None]:
    """Find the record's traceback: the one that repeats its prefix, else the first."""
    if known is None or known >= len(lines) or not starts_traceback(lines[known]):
        known = next((index for index, line in enumerate(lines) if starts_traceback(line)), None)
    if known is not None:
        known = start_of_chain(lines, known)
        printed = "\n".join(lines[known:])
        traceback = read_traceback(printed)
        return known, _with_java_cause(traceback, lines[known:]) if "\n: " in printed else traceback
    java = read_java_trace(lines)
    if java is None and len(lines) > 1 and lines[0].startswith(ANNOUNCEMENTS) and names_exception(lines[-1]):
        return len(lines) - 1, read_traceback(lines[-1])
    return (0, None) if java is None else java


def _with_java_cause(traceback: Traceback, lines: Sequence[str]) -> Traceback:
    """Py4J prints what went wrong in Java after the message of its own exception."""
    java = None if traceback.causes else read_java_trace([line.removeprefix(": ") for line in lines])
    if java is None or not java[1].type:
        return traceback
    name, message, _, causes = java[1]
    return traceback._replace(causes=(Cause(name, (name,), message, {}, "cause"), *causes))


def _text_before(lines: Sequence[str], at: int) -> str:
    """The record's own text: all above the traceback, and what stands before it on its first line."""
    first, header, _ = lines[at].partition(HEADER)
    beside = first.strip(" |+" + BOX).removesuffix("Exception Group") if header else ""
    return "\n".join([*lines[:at], beside]).strip()


def _named(traceback: Traceback | None, text: str) -> tuple[str, str]:
    """The exception's type and message: from its traceback, else from a text that begins with a type's name."""
    if traceback is not None and traceback.type:
        return traceback.type, traceback.message
    name, colon, message = text.partition(": ")
    if colon and is_telling(name) and name.replace(".", "").replace("_", "").isalnum():
        return name, message
    if traceback is not None:
        return "", traceback.message or text or CUT_SHORT
    if is_ignored(text) and (ignored := IGNORED.match(text)) is not None:
        return ignored[1], _said(*ignored.groups())
    failed = _FUTURE_FAILED.search(text) if "\nfuture: <" in text else None
    return ("", text) if failed is None else (failed[1], failed[3])


def _said(name: str, shown: str) -> str:
    """The message of an exception that is shown as code shows it, or as text in quotes."""
    call = name.rpartition(".")[2] + "("
    inside = shown[len(call) : -1].removesuffix(",") if shown.startswith(call) and shown.endswith(")") else shown
    quoted = len(inside) > 1 and inside[0] == inside[-1] and inside[0] in "'\""
    return inside[1:-1] if quoted and name != "KeyError" else inside  # which prints its key as code does
