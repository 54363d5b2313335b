"""What a text format is: a pattern for the first line of a record, whose named groups say what stands where.

A format knows one line at a time. What belongs together over several lines is the assembly's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Match(Protocol):
    """A matched line, of `re` or RE2."""

    def __getitem__(self, group: str, /) -> str | None:
        """Return what a named group holds."""


class Pattern(Protocol):
    """What recognises a line, of `re` or RE2."""

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The named groups."""

    def match(self, line: str, /) -> Match | None:
        """Match from the line's start."""


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
    begins: bool | None = None
    """Whether the line's form says that a record begins, or that one goes on; ``None`` where the form does not tell."""

    @property
    def stream(self) -> tuple[str, str, str]:
        """Who wrote the line: lines of one traceback have one writer."""
        return self.host, self.process, self.thread

    @property
    def identity(self) -> tuple[str, ...]:
        """What a record repeats on each of its lines, where it repeats anything."""
        return self.time, self.host, self.process, self.thread, self.logger


@dataclass(frozen=True, slots=True)
class LineFormat:
    """One shape of log lines.

    The pattern's groups: ``level`` (always there, may be empty), ``message``, and where there is one ``time``,
    ``logger``, ``host``, ``process``, ``thread``, ``function`` and ``begins``. ``split`` replaces them where a pattern
    alone cannot tell what is what; it runs for errors only.
    """

    name: str
    pattern: Pattern
    split: Callable[[Match], Parts] | None = None
    groups: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the names of those groups that `Parts` has."""
        known = (name for name in Parts._fields if name != "begins")
        object.__setattr__(self, "groups", tuple(name for name in known if name in self.pattern.groupindex))

    def parts(self, match: Match) -> Parts:
        """Take the first line of a record apart."""
        if self.split is not None:
            return self.split(match)
        begins = match["begins"] is not None if "begins" in self.pattern.groupindex else None
        return Parts(**{"message": "", **{name: match[name] or "" for name in self.groups}}, begins=begins)
