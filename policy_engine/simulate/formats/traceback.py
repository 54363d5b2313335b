"""Printed Python tracebacks, read back: type, message, stack and causes as a live exception would give them.

Reads what Python 2.7 to 3.14 print: chains both ways, groups as trees, notes and messages over several lines, syntax
errors, marks under source lines, repeated frames, and what is left of a traceback that was cut. Never raises.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from policy_engine.model import Cause, Frame
from policy_engine.simulate.formats.attributes import attributes_in
from policy_engine.simulate.formats.group_tree import FORK, Member, unfolded
from policy_engine.simulate.formats.printed_exception import (
    BOX,
    HEADER,
    QUOTES,
    PrintedException,
    read_exception,
    stack_in,
)
from policy_engine.simulate.formats.standard_types import mro_of

MAX_CAUSES = 16
MARKERS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}

# It begins with a literal, so that the search for it is a fast one.
_MARKER = re.compile(r"\n(" + "|".join(MARKERS) + r")[ \t]*(?=\n|\Z)")
_NOT_PLAIN = (FORK, f"\n{QUOTES}", BOX, '\n> File "')
_LANDMARKS = (*_NOT_PLAIN, *MARKERS, HEADER)
_FRAME_LINE = '\n  File "'
_MAX_REMEMBERED = 8192
_FRAME = re.compile(r'\s*File "(?P<file>.*?)", line (?P<line>\d{1,9})(?:, in (?P<function>.*))?\s*\Z')
_NAMED = re.compile(r"([^\W\d][\w.<>]*)(?:: ?.*)?\Z")
_TELLING = ("Error", "Exception", "Warning", "Interrupt", "Timeout", "Exit", "Group", "Traceback", "NotFound", "Denied")


class Traceback(NamedTuple):
    """What a printed traceback says."""

    type: str
    """Empty where the traceback was cut before its last line."""
    message: str
    stack: tuple[Frame, ...]
    """Outermost call first."""
    causes: tuple[Cause, ...]


@dataclass(slots=True)
class _Node:
    """An exception among those that were printed with it."""

    printed: PrintedException
    behind: _Node | None = None
    relation: str = "context"
    members: list[_Node] = field(default_factory=list)


def read_traceback(text: str) -> Traceback:
    """Read one printed traceback, its causes and group members included."""
    node = _tree(unfolded(text.split("\n"))) if FORK in text or QUOTES in text else _chain("\n" + text)
    causes: list[Cause] = []
    _add_behind(node, causes)
    return Traceback(*node.printed, tuple(causes))


def starts_traceback(line: str) -> bool:
    """Whether a traceback begins on this line, or right after it; a frame counts, for tracebacks cut at their head."""
    if HEADER in line:
        bare = line.strip(" |+:").removeprefix("Exception Group ")
        return bare.startswith((HEADER, BOX)) or line.rstrip().endswith(HEADER + ":")
    return line.startswith('  File "') and _FRAME.match(line) is not None


def may_hold_traceback(text: str) -> bool:
    """Whether any line of a text could start a traceback; a quick look that spares most texts a long one."""
    return HEADER in text or '  File "' in text


def is_header(line: str) -> bool:
    """Whether a traceback begins on this line for sure, and not inside the tree of a group."""
    return HEADER in line and line.lstrip(" ")[:1] != "|" and starts_traceback(line)


def is_marker(line: str) -> bool:
    """Whether the line joins two exceptions of a chain."""
    return line.strip(" |") in MARKERS


def stack_of_last(text: str) -> tuple[tuple[Frame, ...], bool] | None:
    """The stack of the exception that a traceback ends with, and whether others stand before it.

    ``None`` where it takes `read_traceback` to tell: for groups, quoted tracebacks, and those that tools have redrawn.
    """
    last = text.rfind(_FRAME_LINE)
    end = text.find("\n", last + 1) if last >= 0 else 0
    end = len(text) if end < 0 else end
    for each in _LANDMARKS:
        if text.find(each, end) >= 0:
            return None
    # The same few stacks come again and again, each time with another message under it.
    return (_remembered_stack if end <= _MAX_REMEMBERED else _stack_above)(text[:end])


def _stack_above(head: str) -> tuple[tuple[Frame, ...], bool] | None:
    for each in _NOT_PLAIN:
        if each in head:
            return None
    # A look from the front is many times as fast as one from the back, and most tracebacks are no chain.
    start = max([head.rfind(marker) for marker in MARKERS if marker in head], default=-1)
    last = head if start < 0 else head[start:]
    return (stack_in(last), start >= 0) if last.count(HEADER) == 1 else None


_remembered_stack = lru_cache(maxsize=1024)(_stack_above)


def is_telling(name: str) -> bool:
    """Whether a class's name, dotted or not, says that it is an exception's."""
    own = name.rpartition(".")[2].lstrip("_")
    return own[:1].isupper() and own.endswith(_TELLING) and own not in _TELLING


def names_exception(line: str) -> bool:
    """Whether a line reads like the last one of a traceback: a dotted or telling class name, and a message."""
    found = _NAMED.match(line)
    if found is None:
        return False
    name = found[1].rpartition(".")[2]
    return is_telling(name) or hasattr(builtins, name) or ("." in found[1] and name.lstrip("_")[:1].isupper())


def start_of_chain(lines: Sequence[str], at: int) -> int:
    """The index where the chain begins whose first header is at ``at``: causes without a traceback stand above it."""
    while at and _is_rail(lines[at]) and _is_rail(lines[at - 1]):
        at -= 1
    while True:
        if at >= 2 and lines[at - 1] == QUOTES and lines[at - 2].rstrip().endswith(":"):
            at -= 2  # the traceback of another process, quoted as the message of its exception
            continue
        above = _last_text(lines, at)
        if above is None or lines[above].strip() not in MARKERS:
            return at
        named = _naming_line(lines, above)
        if named is None:
            return at
        at = named


def _naming_line(lines: Sequence[str], before: int) -> int | None:
    """The line above that names an exception, or begins the tree of a group."""
    last = _last_text(lines, before)
    if last is None:
        return None
    in_tree = _is_rail(lines[last])
    for index in range(last, -1, -1):
        if in_tree and not _is_rail(lines[index]):
            return index + 1
        if not lines[index].strip():
            return None
        if not in_tree and names_exception(lines[index]):
            return index
    return 0 if in_tree else None


def _is_rail(line: str) -> bool:
    return line[:1] == " " and line.lstrip(" ")[:1] in ("|", "+")


def _last_text(lines: Sequence[str], before: int) -> int | None:
    return next((index for index in range(before - 1, -1, -1) if lines[index].strip()), None)


def _add_behind(node: _Node, found: list[Cause]) -> None:
    """Add what stands behind an exception in the order of `capture`: its chain first, then a group's members."""
    behind = [] if node.behind is None else [(node.behind, node.relation)]
    for each, relation in behind + [(member, "member") for member in node.members]:
        if len(found) == MAX_CAUSES:
            return
        name, message, _ = each.printed
        mro = mro_of(name)
        found.append(Cause(name, mro, message, attributes_in(message, mro), relation))
        _add_behind(each, found)


def _chain(text: str) -> _Node:
    """Read exceptions joined by markers: printed oldest first, the last one is what was raised."""
    oldest, *rest = _MARKER.split(text)
    node = _Node(read_exception(oldest))
    for marker, printed in zip(rest[::2], rest[1::2], strict=True):
        if printed.strip():  # the last one may be cut off
            node = _Node(read_exception(printed), node, MARKERS[marker])
    return node


def _tree(lines: Sequence[str | Member]) -> _Node:
    """Read a chain that has groups in it, or quoted tracebacks, whose markers are not its own."""
    node, relation, segment = None, "context", list[str | Member]()
    quoted = False
    for line in lines:
        if line == QUOTES:
            quoted = not quoted
        if isinstance(line, str) and not quoted and (marker := MARKERS.get(line.strip())) is not None:
            node = _Node(_printed(segment), node, relation, _members(segment))
            relation, segment = marker, []
        else:
            segment.append(line)
    return _Node(_printed(segment), node, relation, _members(segment))


def _printed(lines: Sequence[str | Member]) -> PrintedException:
    return read_exception("\n".join(line for line in lines if isinstance(line, str)))


def _members(lines: Sequence[str | Member]) -> list[_Node]:
    return [_tree(line.lines) for line in lines if isinstance(line, Member)]
