"""Times as logs write them, in seconds since 1970.

A time without a zone is taken as UTC. One without a year gets the last year in which it does not lie after
``reference``, the moment when its file was last written. What is no time is ``None``, never a fault.
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, datetime, timedelta

_A_DAY = 86_400.0
_FIRST, _LAST = -62_135_596_800.0, 253_402_300_799.0
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}

_DAY = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,:](?P<fraction>\d+))?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
_SHAPES = tuple(
    re.compile(shape + _ZONE + r"\Z", re.ASCII)
    for shape in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[T _:]+" + _CLOCK,
        _DAY + r"-(?P<hour>\d\d)\.(?P<minute>\d\d)\.(?P<second>\d\d)\.(?P<fraction>\d+)",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[-T ]" + _CLOCK,
        r"(?:\w{3},? )?(?P<name>[A-Za-z]{3}) +(?P<day>\d\d?) " + _CLOCK + r"(?: (?P<year>\d{4}))?",
        r"(?P<day>\d\d)/(?P<name>[A-Za-z]{3})/(?P<year>\d{4})[: ]" + _CLOCK,
        r"(?:\w{3}, )?(?P<day>\d\d?)[- ](?P<name>[A-Za-z]{3})(?:[- ](?P<year>\d{4}))?(?: |::)" + _CLOCK,
        r"(?P<short>\d\d)/(?P<month>\d\d)/(?P<day>\d\d) " + _CLOCK,
        r"(?P<month>\d\d)[-./](?P<day>\d\d) " + _CLOCK,
        r"(?P<short>\d\d)(?P<month>\d\d)(?P<day>\d\d) (?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)",
        r"(?P<short>\d\d)(?P<month>\d\d)(?P<day>\d\d) +" + _CLOCK,
        r"(?P<month>\d\d)(?P<day>\d\d) " + _CLOCK,
    )
)


def seconds_of(text: str, reference: float | None = None) -> float | None:
    """Read a time in any shape this module knows; ``None`` where it is none, or lacks a year and nobody knows when."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _by_shape(text, reference)
    if len(text) <= 10:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def seconds_of_value(value: object, reference: float | None = None) -> float | None:
    """Read a time as JSON holds it: text, or a number of seconds, milli-, micro- or nanoseconds since 1970."""
    if isinstance(value, str):
        text = value.strip()
        return seconds_of(text, reference) if not _is_number(text) else _scaled(float(text))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _scaled(float(value))
    except OverflowError:
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) < 32


def _scaled(number: float) -> float | None:
    """The unit shows in the size: seconds stay below 1e11 until the year 5138."""
    for _ in range(3):
        if abs(number) < 1e11:
            break
        number /= 1000.0
    return number if _FIRST <= number <= _LAST else None


def _by_shape(text: str, reference: float | None) -> float | None:
    for shape in _SHAPES:
        found = shape.match(text)
        if found is None:
            continue
        try:
            return _seconds(found.groupdict(), reference)
        except (ValueError, OverflowError):
            continue
    return None


def _seconds(part: dict[str, str | None], reference: float | None) -> float:
    """Raises ValueError for a date or hour that does not exist."""
    month = int(part.get("month") or _MONTHS.get((part.get("name") or "").lower(), 0))
    day = int(part["day"] or 0)
    year = _year(part.get("year"), part.get("short"))
    # A leap second is written as :60, which datetime refuses.
    second = int(part["second"] or 0)
    at = timedelta(hours=int(part["hour"] or 0), minutes=int(part["minute"] or 0), seconds=min(second, 60))
    if at >= timedelta(days=1, seconds=1):
        raise ValueError("no such hour")
    if year is None:
        if reference is None:
            raise ValueError("no year")
        midnight = _latest(month, day, at.total_seconds(), reference)
    else:
        midnight = datetime(year, month, day, tzinfo=UTC).timestamp()
    return midnight + at.total_seconds() + float("0." + (part.get("fraction") or "0")) - _offset(part["zone"])


def _year(full: str | None, short: str | None) -> int | None:
    if full is not None:
        return int(full)
    return None if short is None else 2000 + int(short) - (100 if int(short) >= 70 else 0)


def _latest(month: int, day: int, at: float, reference: float) -> float:
    """The last such day that is not after ``reference``; a day of grace for zones and clocks that disagree."""
    leap_day = (month, day) == (2, 29)
    year = datetime.fromtimestamp(min(max(reference, 0.0), _LAST), UTC).year
    for candidate in range(year + 1, year - 9, -1):
        if leap_day and not isleap(candidate):
            continue
        midnight = datetime(candidate, month, day, tzinfo=UTC).timestamp()
        if midnight + at <= reference + _A_DAY:
            return midnight
    raise ValueError("no such day")


def _offset(zone: str | None) -> float:
    if zone is None or zone in ("Z", "UTC", "GMT"):
        return 0.0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 3600.0 + int(digits[2:] or 0) * 60.0
    return -offset if zone[0] == "-" else offset
