"""Detectors that a policy writes and plugins bring: patterns, whose every match is masked. Data; none of it is code.

RE2 matches them, in linear time whatever the pattern. A text is looked at only where it holds a literal that every
match holds; where a pattern has none, it is searched for. A mark is never looked into, so a second scrub changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import re2

from policy_engine.match.regex import options, required_literals, searcher
from policy_engine.privacy.detectors import Detector, Mask
from policy_engine.privacy.marks import MARKER


class Looks(Protocol):
    """What looks for secrets, as a plugin brings it."""

    @property
    def name(self) -> str:
        """What a policy lists."""

    @property
    def patterns(self) -> Sequence[str]:
        """What a secret looks like."""

    @property
    def literals(self) -> Sequence[str]:
        """Texts of which each match holds one; empty where the patterns say it themselves."""


def of_plugins(brought: Mapping[str, Looks], names: Sequence[str] | None) -> tuple[Detector, ...]:
    """Return the detectors of plugins that a policy lists, or all where it lists none."""
    wanted = (each for name, each in sorted(brought.items()) if names is None or name in names)
    return tuple(detector(each.name, each.patterns, each.literals) for each in wanted)


def of_policy(patterns: Mapping[str, Any]) -> tuple[Detector, ...]:
    """Return the detectors of ``[privacy.patterns]``."""
    # A prefix, for a pattern may have the name of a detector that is treated in its own way.
    return tuple(detector(f"patterns.{name}", _listed(table["regex"])) for name, table in patterns.items())


def detector(name: str, patterns: Sequence[str], literals: Sequence[str] = ()) -> Detector:
    """Return a detector that masks what any of the patterns matches.

    Raises:
        re2.error: RE2 refuses a pattern.
    """
    known = tuple(literal.lower() for literal in literals) or _literals(patterns)
    finds = None if known else searcher(patterns, ignore_case=False)
    return Detector(name, known, _mask(patterns), whole=True, finds=finds)


def _literals(patterns: Sequence[str]) -> tuple[str, ...]:
    found = [required_literals(pattern) for pattern in patterns]
    if any(each is None for each in found):
        return ()
    return tuple(literal for each in found if each is not None for literal in each)


def _mask(patterns: Sequence[str]) -> Mask:
    compiled = [re2.compile(pattern, options(ignore_case=False)) for pattern in patterns]

    def mask(text: str) -> str:
        for pattern in compiled:
            text = MARKER.join(pattern.sub(_marked, piece) for piece in text.split(MARKER))
        return text

    return mask


def _marked(match: re2._Match[str]) -> str:
    # A pattern may match nothing at all, which hides nothing.
    return MARKER if match.group() else ""


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
