"""Any line format, by a regular expression of the user's or a plugin's with named groups.

On RE2, so that no pattern can hang.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from policy_engine.match.regex import options
from policy_engine.plugins import Plugins
from policy_engine.simulate.formats.levels import SERIOUS
from policy_engine.simulate.formats.line_format import LineFormat

NAME = "custom"

GROUPS = ("time", "level", "logger", "host", "process", "thread", "function", "message")
"""The groups that mean something."""


class _Match:
    """A match of RE2 that answers as one of `re` does, for groups that a pattern may lack too."""

    __slots__ = ("_match", "_named")

    def __init__(self, match: re2._Match[str]) -> None:
        self._match = match
        self._named: Mapping[str, str | None] = match.groupdict()

    def __getitem__(self, group: str) -> str | None:
        return self._named.get(group)

    def groups(self, default: str) -> Sequence[str]:
        groups: Sequence[str] = self._match.groups(default)
        return groups


class _Pattern:
    def __init__(self, regex: str) -> None:
        self._match = re2.compile(regex, options(ignore_case=False)).match
        self.groupindex: Mapping[str, int] = re2.compile(regex, options(ignore_case=False)).groupindex

    def match(self, line: str) -> _Match | None:
        found = self._match(line)
        return None if found is None else _Match(found)


def custom_format(regex: str) -> LineFormat:
    """Make a format of a regular expression for the first line of a record.

    Raises:
        re2.error: RE2 refuses the expression.
        ValueError: it has no group that tells the message.
    """
    pattern = _Pattern(regex)
    if "message" not in pattern.groupindex:
        raise ValueError("it needs a group (?P<message>...); further groups may be " + ", ".join(GROUPS[:-1]))
    return LineFormat(NAME, pattern)


def plugin_formats(plugins: Plugins) -> tuple[LineFormat, ...]:
    """Return the formats that plugins bring; their patterns were checked when they were loaded."""
    return tuple(
        LineFormat(each.name, _Pattern(each.pattern), serious=SERIOUS.union(each.levels))
        for each in plugins.log_formats.values()
    )
