"""What each kind of option may be. A value that cannot work is refused with what is allowed, at the border."""

from __future__ import annotations

import math

LONGEST = 1e10
"""Seconds, some 300 years: longer is a mistake."""


def whole(name: str, value: object) -> None:
    """Refuse all but a whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}: it must be a whole number, 1 or more")


def positive(name: str, value: object, *, at_least: float = 0.0) -> None:
    """Refuse all but a number above 0 (``math.inf`` included), or ``at_least`` so much."""
    allowed = f"a number of {at_least:g} or more" if at_least else "a number above 0"
    if not _is_number(value, at_least, math.inf) or value == 0:
        raise ValueError(f"{name} is {value!r}: it must be {allowed}")


def seconds_at_least_zero(name: str, value: object) -> None:
    """Refuse all but a finite time."""
    if not _is_number(value, 0.0, LONGEST):
        raise ValueError(f"{name} is {value!r}: it must be a number of seconds, 0 or more")


def rate(name: str, value: object) -> None:
    """Refuse all but a share above 0: a rate of 0 would be reached by no calls at all."""
    if not _is_number(value, 0.0, 1.0) or value == 0:
        raise ValueError(f"{name} is {value!r}: it must be above 0 and at most 1")


def share(name: str, value: object) -> None:
    """Refuse all but a number from 0 to 1."""
    if not _is_number(value, 0.0, 1.0):
        raise ValueError(f"{name} is {value!r}: it must be from 0 to 1")


def _is_number(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
