"""What a text format is: a pattern for the first line of a record, whose named groups say what stands where.

A format knows one line at a time. What belongs together over several lines is the assembly's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from policy_engine.simulate.formats.levels import SERIOUS


class Match(Protocol):
    """A matched line, of `re` or RE2."""

    def __getitem__(self, group: str, /) -> str | None:
        """Return what a named group holds."""

    def groups(self, default: str, /) -> Sequence[str]:
        """Return what all groups hold, the ``default`` where one took no part."""


class Pattern(Protocol):
    """What recognises a line, of `re` or RE2."""

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The named groups."""

    def match(self, line: str, /) -> Match | None:
        """Match from the line's start."""


class Wraps(Enum):
    """What the message of a line is."""

    NOTHING = "the text of a record"
    LINES = "a line that a process wrote: the lines of each process are a log of their own"
    RECORDS = "a record's text, or a line of a process's own log"


class Parts(NamedTuple):
    """What the first line of a record says, as text."""

    message: str
    time: str = ""
    level: str = ""
    logger: str = ""
    host: str = ""
    process: str = ""
    thread: str = ""
    function: str = ""
    peer: str = ""
    """Who was served, where each line of a record says so before its text."""
    request: str = ""
    """Which request was served, where a record says so; lines of one record that lack it may follow."""
    begins: bool | None = None
    """Whether the line's form says that a record begins, or that one goes on; ``None`` where the form does not tell."""
    whole: bool = True
    """False where the rest of a long line follows."""

    @property
    def stream(self) -> tuple[str, str, str]:
        """Who wrote the line: lines of one traceback have one writer."""
        return self.host, self.process, self.thread

    @property
    def identity(self) -> tuple[str, ...]:
        """What a record repeats on each of its lines, where it repeats anything."""
        return self.time, self.host, self.process, self.thread, self.logger

    def serves_another(self, other: Parts) -> bool:
        """Whether both say which request they are of, and it is not the same one."""
        return self.request != other.request and self.request != "" and other.request != ""

    @property
    def is_fine(self) -> bool:
        """Whether its time is told in parts of a second: then few records share it."""
        clock = self.time[8:]  # a date may have dots and commas too
        return "." in clock or "," in clock

    def inside(self, outer: Parts) -> Parts:
        """Complete what a process wrote with what is known of the process."""
        return self._replace(
            time=self.time or outer.time,
            logger=self.logger or outer.logger,
            host=self.host or outer.host,
            process=self.process or outer.process,
            # The time of a container's line says nothing of whether two lines are one record.
            begins=self.begins if self.time or self.begins is not None else True,
        )


_TEXTS = tuple(name for name in Parts._fields if name not in ("begins", "whole"))


@dataclass(frozen=True, slots=True)
class LineFormat:
    """One shape of log lines.

    The pattern's groups: ``level`` (always there, may be empty), ``message``, and where there is one ``time``,
    ``logger``, ``host``, ``process``, ``thread``, ``function``, ``peer``, ``request`` and ``begins``. ``split``
    replaces them where a pattern alone cannot tell what is what; it runs for errors only. ``serious`` are the level's
    words that make an error, and ``starts`` the characters that a line may begin with, where not every one: a quick
    way to pass it by.
    """

    name: str
    pattern: Pattern
    split: Callable[[Match], Parts] | None = None
    wraps: Wraps = Wraps.NOTHING
    serious: frozenset[str] = SERIOUS
    starts: str = ""
    alone: bool = False
    """Whether a record is one line, so that a traceback after it is not its own."""
    indented: bool = False
    """Whether a record may begin with blanks in the place of what it shares with the one before it."""
    _places: tuple[int, ...] = field(init=False, repr=False)
    """Where each text of `Parts` stands among the groups; -1 where it is none of them."""
    _tells_begin: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out once what `parts` needs for every line."""
        places = tuple(self.pattern.groupindex.get(name, 0) - 1 for name in _TEXTS)
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_tells_begin", "begins" in self.pattern.groupindex)

    def parts(self, match: Match) -> Parts:
        """Take the first line of a record apart."""
        if self.split is not None:
            return self.split(match)
        begins = match["begins"] is not None if self._tells_begin else None
        texts = (*match.groups(""), "")  # in one call, which is many times as fast as to ask for each
        return Parts._make((*[texts[place] for place in self._places], begins, True))
