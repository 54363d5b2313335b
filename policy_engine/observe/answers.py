"""Answers to "what happened in this stretch of time", in one form, whoever counted: a running engine or a store.

Knows what people ask, not where the counts lie: a `Source` has them. A window's edges are moved out to what the source
can tell apart, a minute at best, and the answer says which window it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf, nextafter
from typing import Any, Protocol

from policy_engine.instants import iso
from policy_engine.metrics.costs import LABELS, CallCounts, Cost
from policy_engine.metrics.rollup import DAY, HOUR, MINUTE, Window
from policy_engine.metrics.sketch import Sketch
from policy_engine.policy.durations import seconds

WIDTHS: Mapping[str, int] = {"minute": MINUTE, "hour": HOUR, "day": DAY}
"""What errors may be counted per."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d.*", re.DOTALL)


class Source(Protocol):
    """Counts over time."""

    def aligned(self, window: Window) -> Window:
        """Return the window with its edges moved out to what can be told apart."""

    def costs(self, window: Window, by: str, where: Mapping[str, str]) -> dict[str, Cost]:
        """Return errors and costs by label."""

    def over_time(self, window: Window, by: str, where: Mapping[str, str], width: int) -> dict[str, dict[int, int]]:
        """Return errors by label and by when a stretch of ``width`` seconds begins."""

    def first_seen(self, fingerprints: set[str]) -> dict[str, float]:
        """Return when each was first seen, of those that are known."""

    def calls(self, window: Window) -> dict[str, CallCounts]:
        """Return the counts of calls by name."""

    def recovery_times(self, window: Window) -> dict[str, Sketch]:
        """Return how long recoveries took, by strategy."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know."""

    window: Window
    by: str = "category"
    """One of `LABELS`."""
    per: str | None = None
    """One of `WIDTHS`: errors over time, too."""
    where: Mapping[str, str] = field(default_factory=dict)
    """Labels that errors must have: `LABELS` and their values."""


def question(
    *,
    now: float,
    since: str,
    until: str | None = None,
    by: str = "category",
    per: str | None = None,
    **where: str | None,
) -> Question:
    """Return a question put in words: ``since`` and ``until`` are durations before ``now``, or times in ISO 8601.

    Raises:
        ValueError: one of them is neither, the window is empty, or a name is not one of those there are.
    """
    begin, end = moment(since, now), now if until is None else moment(until, now)
    if begin >= end:
        raise ValueError(f'nothing lies between "{since}" and "{"now" if until is None else until}"')
    selected = {name: value for name, value in where.items() if value is not None}
    for name in (by, *selected):
        if name not in LABELS:
            raise ValueError(f'errors are not counted by "{name}": there are {", ".join(LABELS)}')
    if per is not None and per not in WIDTHS:
        raise ValueError(f'errors are not counted per "{per}": there are {", ".join(WIDTHS)}')
    # What came at this very moment has come.
    return Question(Window(begin, nextafter(now, inf) if until is None else end), by, per, selected)


def moment(text: str, now: float) -> float:
    """Return the time that ``"1h"`` (that long before ``now``) or ``"2026-03-01T12:00"`` (UTC) means.

    Raises:
        ValueError: it is neither.
    """
    if _DATE.fullmatch(text) is None:
        try:
            return now - seconds(text)
        except ValueError:
            raise ValueError(
                f'not a time: "{text}" (write how long ago, as in "1h" or "7d", or when, as in "2026-03-01T12:00")'
            ) from None
    try:
        written = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'not a time: "{text}" ({error})') from None
    return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()


def answer(source: Source, asked: Question) -> dict[str, Any]:
    """Return what ``source`` knows of it, as plain JSON-ready data; groups with the most errors come first."""
    window = source.aligned(asked.window)
    minutes = (window.until - window.since) / MINUTE
    groups = source.costs(window, asked.by, asked.where)
    ordered = sorted(groups.items(), key=lambda item: (-item[1].errors, item[0]))
    kinds = groups if asked.by == "fingerprint" else source.costs(window, "fingerprint", asked.where)
    before = source.costs(window.before, "fingerprint", asked.where)
    new, returning = new_and_returning(source.first_seen(set(kinds)), kinds, before, window.since)
    total = Cost()
    for cost in groups.values():
        total.absorb(cost)
    found: dict[str, Any] = {
        "since": iso(window.since),
        "until": iso(window.until),
        "by": asked.by,
        "where": dict(asked.where),
        "errors": total.errors,
        "per_minute": total.errors / minutes,
        "impact": total.to_dict(),
        "groups": [
            {
                asked.by: name or None,
                "errors": cost.errors,
                "per_minute": cost.errors / minutes,
                "impact": cost.to_dict(),
            }
            for name, cost in ordered
        ],
        "new_fingerprints": sorted(new),
        "returning_fingerprints": sorted(returning),
        "calls": {name: counts.to_dict() for name, counts in sorted(source.calls(window).items())},
        "recovery_seconds": {
            name: sketch.quantiles() for name, sketch in sorted(source.recovery_times(window).items())
        },
    }
    if asked.per is not None:
        over_time = source.over_time(window, asked.by, asked.where, WIDTHS[asked.per])
        for group in found["groups"]:
            counts = over_time.get(group[asked.by] or "", {})
            group["over_time"] = {iso(start): counts[start] for start in sorted(counts)}
        found["per"] = asked.per
    return found


def new_and_returning(
    first: Mapping[str, float], now: Mapping[str, Cost], before: Mapping[str, Cost], since: float
) -> tuple[set[str], set[str]]:
    """Return the fingerprints that were first seen in a window, and those that were not seen for as long before it.

    ``now`` is what came in the window, which begins at ``since``, ``before`` what came in that before it. Some may be
    costs of older errors alone, which is not to be seen.
    """
    seen, lately = ({name for name, cost in costs.items() if cost.errors} for costs in (now, before))
    new = {name for name in seen if first.get(name, -inf) >= since}
    return new, seen - new - lately
