"""Times as logs write them, in seconds since 1970.

A time without a zone is taken as UTC. One without a year gets the last year in which it does not lie after
``reference``, the moment when its file was last written. What is no time is ``None``, never a fault, and so is what may
be one of two: 01/02/2024, or IST, which is said in India, Israel and Ireland.
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, datetime, timedelta

_A_DAY = 86_400.0
_FIRST, _LAST = -62_135_596_800.0, 253_402_300_799.0
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}

# By their hours east of Greenwich; those of North America as RFC 5322 has them.
_ZONES_BY_HOURS: dict[float | None, str] = {
    0: "UTC GMT WET",
    1: "CET WEST WAT",
    2: "CEST EET CAT SAST",
    3: "EEST MSK TRT EAT IDT",
    5: "PKT",
    5.75: "NPT",
    7: "WIB ICT",
    8: "WITA HKT SGT AWST PHT",
    9: "JST KST",
    9.5: "ACST",
    10: "AEST",
    10.5: "ACDT",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
    -2.5: "NDT",
    -3: "ADT BRT",
    -3.5: "NST",
    -4: "EDT",
    -5: "EST CDT",
    -6: "MDT",
    -7: "MST PDT",
    -8: "PST AKDT",
    -9: "AKST HDT",
    -10: "HST",
    None: "AST BST CST GST IST SST WST",  # said in several places, each of which means another one
}
_ZONES = {name: hours for hours, names in _ZONES_BY_HOURS.items() for name in names.split()}
HALF = r"(?: ?[AaPp]\.?[Mm]\b\.?)?"
"""The pattern of which half of the day a clock's time is in, where it is told."""
ZONE = (
    rf"(?: ?(?:Z|(?:{'|'.join(sorted(_ZONES, key=len, reverse=True))})?(?:[+-](?:0?\d|1[0-4])(?::?[0-5]\d)?)?"
    r"(?<=[\dA-Z]))(?!\w|[.,]\d))?"
)
"""The pattern of a zone after a clock's time, where there is one."""

_DAY = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = (
    r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,:](?P<fraction>\d+))?(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_ZONE = r"\s*(?P<zone>[A-Z]{1,5})?(?P<offset>[+-]\d\d?(?::?\d\d)?)?"
_SHAPES = tuple(
    re.compile(shape + _ZONE + r"\Z", re.ASCII)
    for shape in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[T _:]+" + _CLOCK,
        _DAY + r"-(?P<hour>\d\d)\.(?P<minute>\d\d)\.(?P<second>\d\d)\.(?P<fraction>\d+)",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[-T ]" + _CLOCK,
        r"(?:\w{3},? )?(?P<name>[A-Za-z]{3}) +(?P<day>\d\d?) "
        + _CLOCK
        + r"(?:(?: (?P<inner>[A-Z]{1,5}))? (?P<year>\d{4}))?",
        r"(?P<day>\d\d)/(?P<name>[A-Za-z]{3})/(?P<year>\d{4})[: ]" + _CLOCK,
        r"(?:\w{3}, )?(?P<day>\d\d?)[- ](?P<name>[A-Za-z]{3})(?:[- ](?P<year>\d{4}))?(?: |::)" + _CLOCK,
        r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})[T ]+" + _CLOCK,
        r"(?P<one>\d\d?)(?P<mark>[-/])(?P<other>\d\d?)(?P=mark)(?P<year>\d{4})[T ]+" + _CLOCK,
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
    """Raises ValueError for a date, an hour or a zone that does not exist, or that may be one of two."""
    month, day = _month_and_day(part)
    year = _year(part.get("year"), part.get("short"))
    # A leap second is written as :60, which datetime refuses.
    second = int(part["second"] or 0)
    hour = _hour(int(part["hour"] or 0), part.get("half"))
    at = timedelta(hours=hour, minutes=int(part["minute"] or 0), seconds=min(second, 60))
    if at >= timedelta(days=1, seconds=1):
        raise ValueError("no such hour")
    if year is None:
        if reference is None:
            raise ValueError("no year")
        midnight = _latest(month, day, at.total_seconds(), reference)
    else:
        midnight = datetime(year, month, day, tzinfo=UTC).timestamp()
    fraction = float("0." + (part.get("fraction") or "0"))
    return midnight + at.total_seconds() + fraction - _offset(part["zone"] or part.get("inner"), part["offset"])


def _month_and_day(part: dict[str, str | None]) -> tuple[int, int]:
    """Which of two numbers is the month is known where the other one can be none."""
    if (one := part.get("one")) is None:
        return int(part.get("month") or _MONTHS.get((part.get("name") or "").lower(), 0)), int(part["day"] or 0)
    lower, upper = sorted((int(one), int(part["other"] or 0)))
    if upper <= 12 and lower != upper:
        raise ValueError("the month or the day may come first")
    return lower, upper


def _hour(hour: int, half: str | None) -> int:
    """Some write the half of the day behind hours that go on to 23."""
    if half in ("P", "p"):
        return hour + 12 if hour < 12 else hour
    return 0 if half is not None and hour == 12 else hour


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


def _offset(zone: str | None, offset: str | None) -> float:
    """Raises ValueError for a zone's name that nobody knows, or that is said in several places."""
    hours = 0 if zone in (None, "Z") else _ZONES.get(zone or "")
    if hours is None:
        raise ValueError("no such zone")
    if offset is None:
        return hours * 3600.0
    whole, _, minutes = offset[1:].partition(":")
    if len(whole) > 2:
        whole, minutes = whole[:-2], whole[-2:]
    further = int(whole) * 3600.0 + int(minutes or 0) * 60.0
    return hours * 3600.0 + (-further if offset[0] == "-" else further)
