"""structlog's JSON lines: ``event``, ``level``, ``timestamp``, and ``exception`` as text or structured."""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.model import Cause, Frame
from policy_engine.simulate.formats.attributes import attributes_in
from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, context_of, text_in
from policy_engine.simulate.formats.levels import is_serious
from policy_engine.simulate.formats.standard_types import mro_of
from policy_engine.simulate.formats.traceback import MAX_CAUSES, Traceback

NAME = "structlog"

_BESIDE_AN_EVENT = ("level", "log_level", "timestamp", "exception")


def _recognises(data: Data) -> bool:
    return isinstance(data.get("event"), str) and any(name in data for name in _BESIDE_AN_EVENT)


def _entries(data: Data) -> Sequence[Entry]:
    exception = data.get("exception")
    return (
        Entry(
            message=text_in(data, "event"),
            serious=is_serious(data.get("level", data.get("log_level"))),
            time=data.get("timestamp"),
            logger=text_in(data, "logger", "logger_name"),
            traceback=exception if isinstance(exception, str) else _structured(exception),
            function=text_in(data, "func_name"),
            context=context_of(data, process="process", thread="thread_name", request="request_id"),
        ),
    )


def _structured(stacks: object) -> Traceback | str:
    """A structured traceback: the exception that was raised, then what stands behind it, group members inside."""
    if not isinstance(stacks, list) or not stacks or not isinstance(stacks[0], dict):
        return ""
    causes: list[Cause] = []
    _add_behind(stacks, causes)
    name, message = _named(stacks[0])
    return Traceback(name, message, _frames(stacks[0]), tuple(causes[:MAX_CAUSES]))


def _add_behind(stacks: Sequence[object], causes: list[Cause], depth: int = MAX_CAUSES) -> None:
    """Add causes as `capture` orders them: an exception's chain, then the members of its group."""
    if depth == 0 or len(causes) >= MAX_CAUSES:
        return
    first, *chain = [stack for stack in stacks if isinstance(stack, dict)] or [{}]
    if chain:
        causes.append(_cause(chain[0], "cause" if chain[0].get("is_cause") else "context"))
        _add_behind(chain, causes, depth - 1)
    members = first.get("exceptions")
    for member in members if isinstance(members, list) else ():
        if isinstance(member, list) and member and isinstance(member[0], dict):
            causes.append(_cause(member[0], "member"))
            _add_behind(member, causes, depth - 1)


def _cause(stack: Data, relation: str) -> Cause:
    name, message = _named(stack)
    mro = mro_of(name)
    return Cause(name, mro, message, attributes_in(message, mro), relation)


def _named(stack: Data) -> tuple[str, str]:
    notes = stack.get("exc_notes")
    lines = [text_in(stack, "exc_value"), *(note for note in notes if isinstance(note, str))] if notes else None
    return text_in(stack, "exc_type"), "\n".join(lines) if lines else text_in(stack, "exc_value")


def _frames(stack: Data) -> tuple[Frame, ...]:
    frames = stack.get("frames")
    found = [frame for frame in frames if isinstance(frame, dict)] if isinstance(frames, list) else []
    return tuple(
        Frame(text_in(frame, "filename"), _line(frame.get("lineno")), text_in(frame, "name"))
        for frame in found
        if frame.get("name")  # one without stands for those that were left out
    )


def _line(number: object) -> int:
    return number if isinstance(number, int) else 0


FORMATS = (JsonFormat(NAME, _recognises, _entries),)
