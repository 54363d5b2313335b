"""A prefix of a log's own: constant text that some tool put before every line, tracebacks included.

::

    myapp | ERROR:shop.db:cannot reach the database
    myapp | Traceback (most recent call last):

It is told from the first lines, where nothing else knows them: what all of them begin with, cut where the rest reads
best, and what stands before the header of a traceback and the frame below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts, Wraps
from policy_engine.simulate.formats.printed_exception import HEADER

NAME = "prefixed"
LINES_LOOKED_AT = 256
CHARACTERS_LOOKED_AT = 1 << 18

_LINES_JUDGED = 64
_MAX_LENGTH = 100
_MAX_PREFIXES = 16
_FRAME = '  File "'
_ENDS = " \t|]>):"

Knows = Callable[[str], bool]


def prefix_format(lines: Sequence[str], knows: Knows) -> LineFormat | None:
    """The format of lines with a prefix of their own; ``None`` where the first lines show none.

    ``knows`` tells whether a line, as it stands, begins a record in some format.
    """
    filled = [line + " " for line in lines if line]  # blanks at the end of a line are often lost
    prefix = _shared(filled[:_LINES_JUDGED], knows)
    prefixes = [prefix] if prefix else _before_tracebacks(filled, knows)
    if not prefixes:
        return None
    longest_first = sorted(prefixes, key=lambda each: (-len(each), each))
    alternatives = "|".join(rf"{re.escape(each)}|{re.escape(each.rstrip())}\Z" for each in longest_first)
    starts = "".join(sorted({each[0] for each in prefixes}))
    return LineFormat(
        NAME,
        re.compile(rf"(?P<prefix>{alternatives})(?P<level>)(?P<message>.*)"),
        _split,
        Wraps.LINES,
        frozenset(),
        starts,
    )


def _split(match: Match) -> Parts:
    return Parts(message=match["message"] or "", host=(match["prefix"] or "").strip(" \t|[]<>():"))


def _shared(lines: Sequence[str], knows: Knows) -> str:
    """What all lines begin with, up to where most of them can be read."""
    shared = _common_start(min(lines), max(lines)) if len(lines) > 1 else ""
    if not shared.strip():
        return ""
    # Of two cuts that read as well the shorter one leaves a record its time.
    best, most = "", _readable(lines, 0, knows)
    if 2 * most >= len(lines):
        return ""
    for end in range(1, len(shared) + 1):
        if shared[end - 1] in _ENDS and (count := _readable(lines, end, knows)) > most:
            best, most = shared[:end], count
    return best


def _common_start(one: str, other: str) -> str:
    pairs = enumerate(zip(one[:_MAX_LENGTH], other[:_MAX_LENGTH], strict=False))
    return one[: next((at for at, (first, second) in pairs if first != second), _MAX_LENGTH)]


def _readable(lines: Sequence[str], start: int, knows: Knows) -> int:
    """How many lines begin a record or a traceback, or are a frame of one, without what stands before ``start``."""
    rests = (line[start:] for line in lines)
    return sum(rest.startswith((HEADER, _FRAME)) or (rest[:1] not in " \t" and knows(rest)) for rest in rests)


def _before_tracebacks(lines: Sequence[str], knows: Knows) -> list[str]:
    """What stands before the header of a traceback and the frame below it, where that tells nothing to any format."""
    found: dict[str, None] = {}
    waiting: list[str] = []
    for line in lines:
        at = line.find(HEADER)
        if 0 < at <= _MAX_LENGTH and line[:at].strip(" |+") and not knows(line):
            waiting = [*waiting[-_MAX_PREFIXES:], line[:at]]
        elif _FRAME in line:
            found.update({each: None for each in waiting if line.startswith(each + _FRAME)})
    return list(found)[:_MAX_PREFIXES]
