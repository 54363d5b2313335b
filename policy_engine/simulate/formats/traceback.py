"""Printed Python tracebacks, read back: type, message, stack and causes as a live exception would give them.

Reads what Python 2.7 to 3.14 print: chains both ways, groups as trees, notes and messages over several lines, syntax
errors, marks under source lines, repeated frames, and what is left of a traceback that was cut. Never raises.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from policy_engine.model import Cause, Frame, short_name
from policy_engine.simulate.formats.attributes import attributes_in
from policy_engine.simulate.formats.group_tree import Member, unfolded
from policy_engine.simulate.formats.standard_types import mro_of

HEADER = "Traceback (most recent call last)"
MAX_FRAMES = 64
MAX_CAUSES = 16
MARKERS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
_MAX_REPEATS = 10_000

_FRAME = re.compile(r'\s*File "(?P<file>.*?)", line (?P<line>\d{1,9})(?:, in (?P<function>.*))?\s*\Z')
_REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]")
_EXCEPTION = re.compile(r"(?P<type>[^\W\d][\w.<>]*)(?:: ?(?P<message>.*))?\Z", re.DOTALL)
_TELLING = ("Error", "Exception", "Warning", "Interrupt", "Timeout", "Exit", "Group", "Traceback", "NotFound", "Denied")
_SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
_QUOTES = '"""'


class Traceback(NamedTuple):
    """What a printed traceback says."""

    type: str
    """Empty where the traceback was cut before its last line."""
    message: str
    stack: tuple[Frame, ...]
    """Outermost call first."""
    causes: tuple[Cause, ...]


@dataclass(slots=True)
class _Exception:
    type: str = ""
    message: str = ""
    stack: list[Frame] = field(default_factory=list)
    behind: _Exception | None = None
    relation: str = "context"
    members: list[_Exception] = field(default_factory=list)


def read_traceback(lines: Sequence[str]) -> Traceback:
    """Read the lines of one printed traceback, its causes and group members included."""
    return _described(_chain(unfolded(lines)))


def starts_traceback(line: str) -> bool:
    """Whether a traceback begins on this line, or right after it; a frame counts, for tracebacks cut at their head."""
    if HEADER in line:
        bare = line.strip(" |+:").removeprefix("Exception Group ")
        return bare.startswith(HEADER) or line.rstrip().endswith(HEADER + ":")
    return line.startswith('  File "') and _FRAME.match(line) is not None


def is_header(line: str) -> bool:
    """Whether a traceback begins on this line for sure, and not inside the tree of a group."""
    return HEADER in line and line.lstrip(" ")[:1] != "|" and starts_traceback(line)


def names_exception(line: str) -> bool:
    """Whether a line reads like the last one of a traceback: a dotted or telling class name, and a message."""
    found = _EXCEPTION.match(line)
    if found is None:
        return False
    name = found["type"].rpartition(".")[2]
    return (
        name.endswith(_TELLING) or hasattr(builtins, name) or ("." in found["type"] and name.lstrip("_")[:1].isupper())
    )


def start_of_chain(lines: Sequence[str], at: int) -> int:
    """The index where the chain begins whose first header is at ``at``: causes without a traceback stand above it."""
    while True:
        if at >= 2 and lines[at - 1] == _QUOTES and lines[at - 2].rstrip().endswith(":"):
            at -= 2  # the traceback of another process, quoted as the message of its exception
            continue
        above = _last_text(lines, at)
        if above is None or lines[above].strip() not in MARKERS:
            return at
        named = _last_text(lines, above)
        while named is not None and lines[named].strip() and not names_exception(lines[named]):
            named = named - 1 if named else None
        if named is None or not lines[named].strip():
            return at
        at = named


def _last_text(lines: Sequence[str], before: int) -> int | None:
    return next((index for index in range(before - 1, -1, -1) if lines[index].strip()), None)


def is_marker(line: str) -> bool:
    """Whether the line joins two exceptions of a chain."""
    return line.strip(" |") in MARKERS


def stack_in(text: str) -> tuple[Frame, ...]:
    """Return the frames of a traceback without causes, groups and cuts: the quick way for recorded errors."""
    return tuple(_shortened(list(_frames(text.split("\n")))))


def _described(exception: _Exception) -> Traceback:
    found: list[Cause] = []
    _add_behind(exception, found)
    return Traceback(exception.type, exception.message, tuple(_shortened(exception.stack)), tuple(found))


def _add_behind(exception: _Exception, found: list[Cause]) -> None:
    """Add what stands behind an exception in the order of `capture`: its chain first, then a group's members."""
    behind = [] if exception.behind is None else [(exception.behind, exception.relation)]
    for each, relation in behind + [(member, "member") for member in exception.members]:
        if len(found) == MAX_CAUSES:
            return
        mro = mro_of(each.type)
        found.append(Cause(each.type, mro, each.message, attributes_in(each.message, mro), relation))
        _add_behind(each, found)


def _shortened(frames: list[Frame]) -> list[Frame]:
    """As `capture` keeps a deep stack: both ends."""
    if len(frames) <= MAX_FRAMES:
        return frames
    return frames[: MAX_FRAMES // 2] + frames[-(MAX_FRAMES // 2) :]


def _chain(items: Sequence[str | Member]) -> _Exception:
    """Read exceptions joined by markers: printed oldest first, the last one is what was raised."""
    exception, relation = None, "context"
    segment: list[str | Member] = []
    quoted = False
    for item in items:
        if item == _QUOTES:
            quoted = not quoted
        if isinstance(item, str) and not quoted and (marker := MARKERS.get(item.strip())) is not None:
            exception = _linked(_one(segment), exception, relation)
            relation, segment = marker, []
        else:
            segment.append(item)
    return _linked(_one(segment), exception, relation)


def _linked(exception: _Exception, behind: _Exception | None, relation: str) -> _Exception:
    exception.behind, exception.relation = behind, relation
    return exception


def _one(items: Sequence[str | Member]) -> _Exception:
    exception = _Exception()
    exception.members = [_chain(item.lines) for item in items if isinstance(item, Member)]
    lines = _from_header([item for item in items if isinstance(item, str)])
    end = _end_of_frames(lines)
    exception.stack = list(_frames(lines[:end]))
    _read_exception(exception, lines[end:])
    _complete_syntax_error(exception, lines[:end])
    return exception


def _from_header(lines: Sequence[str]) -> Sequence[str]:
    """Leave out what stands above a traceback, where there is one that nobody quoted."""
    quoted = False
    for index, line in enumerate(lines):
        if line == _QUOTES:
            quoted = not quoted
        elif not quoted and is_header(line):
            return lines[index:]
    return lines


def _end_of_frames(lines: Sequence[str]) -> int:
    """The index of the line that names the exception: the first that is not indented."""
    for index, line in enumerate(lines):
        if line and line[0] not in " \t" and HEADER not in line:
            return index
    return len(lines)


def _frames(lines: Sequence[str]) -> Iterator[Frame]:
    last = None
    for line in lines:
        if 'File "' in line:
            found = _FRAME.match(line)
            if found is not None and found["function"] is not None:
                last = Frame(found["file"], int(found["line"]), found["function"])
                yield last
        elif last is not None and "[Previous line repeated" in line:
            repeated = _REPEATED.match(line)
            for _ in range(min(int(repeated[1]), _MAX_REPEATS) if repeated is not None else 0):
                yield last


def _read_exception(exception: _Exception, lines: Sequence[str]) -> None:
    if not lines:
        return
    found = _EXCEPTION.match(lines[0])
    exception.type = "" if found is None else short_name(found["type"])
    first = lines[0] if found is None else found["message"] or ""
    exception.message = "\n".join([first, *_rest_of_message(lines)]).rstrip()


def _rest_of_message(lines: Sequence[str]) -> Iterator[str]:
    """What belongs to a message after its first line: up to a traceback that somebody appended to it, if not quoted."""
    quoted = False
    for line in lines[1:]:
        if line == _QUOTES:
            quoted = not quoted
        elif not quoted and (line.startswith(": ") or is_header(line)):
            return
        yield line


def _complete_syntax_error(exception: _Exception, lines: Sequence[str]) -> None:
    """Give a syntax error its message: where it stands is printed above it, and part of ``str(error)``."""
    if exception.type.rpartition(".")[2] not in _SYNTAX_ERRORS:
        return
    for line in reversed(lines):
        found = _FRAME.match(line)
        if found is not None:
            if found["function"] is None:
                name = re.split(r"[/\\]", found["file"])[-1]
                first, _, rest = exception.message.partition("\n")
                exception.message = f"{first} ({name}, line {found['line']})" + ("\n" + rest if rest else "")
            return
