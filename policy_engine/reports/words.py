"""Times, durations, counts and untrusted text as a reader sees them.

Nothing that came with an error reaches a page or a picture but through `shown`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from policy_engine.privacy.terminal import safe

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999, beyond which no date is written: a wide bucket may begin before its first error."""
_NO_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})


def shown(text: str) -> str:
    """A text with control characters and changes of direction made visible: fit for HTML, XML and UTF-8."""
    return safe(text).translate(_NO_XML)


def line(text: str, most: int) -> str:
    """A text on one line of at most ``most`` characters."""
    flat = " ".join(shown(text[: 8 * most]).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def place(origin: str) -> str:
    """Where in a policy something stands, by its file's name and folder: ``"policies/10-network.toml:12"``."""
    return "/".join(origin.replace("\\", "/").split("/")[-2:])


def many(count: int, noun: str, plural: str = "") -> str:
    """``"1 error"``, ``"1,200 errors"``; ``plural`` where that is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def number(value: float) -> str:
    """``"12,345"``, ``"0.3488"``: four digits that count, and all whole ones."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def date(time: float) -> str:
    """``"2026-03-03"``, in UTC as all times here."""
    return _moment(time).date().isoformat()


def clock(time: float, *, seconds: bool = True) -> str:
    """``"13:23:05"``, or without seconds ``"13:23"``."""
    return _moment(time).strftime("%H:%M:%S" if seconds else "%H:%M")


def when(time: float) -> str:
    """``"2026-03-03 13:23:05"``."""
    return f"{date(time)} {clock(time)}"


def until(time: float, since: float) -> str:
    """The later end of a stretch, with its date only where that is another day than ``since``."""
    return clock(time) if date(time) == date(since) else when(time)


def duration(seconds: float) -> str:
    """The two coarsest parts: ``"7 min 51 s"``, ``"3 d 4 h"``."""
    left = round(seconds)
    if left < 1:
        return "under 1 s"
    parts = []
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number:,} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])


def stretch(start: float, end: float, *, dated: bool) -> str:
    """``"13:23:00 to 13:31:00"``; with its dates where the whole takes several days."""
    return f"{when(start)} to {until(end, start)}" if dated else f"{clock(start)} to {clock(end)}"


def rate(per_second: float) -> str:
    """The coarsest unit in which there is at least one: ``"48 a minute"``, ``"2.5 an hour"``."""
    units = ((_MINUTE, "a minute"), (_HOUR, "an hour"), (_DAY, "a day"))
    seconds, unit = next((each for each in units if per_second * each[0] >= 1), units[-1])
    number = per_second * seconds
    return f"{number:,.0f} {unit}" if number >= 10 or not number else f"{number:.2g} {unit}"


def listed(words: list[str]) -> str:
    """``"a, b and c"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _moment(time: float) -> datetime:
    return datetime.fromtimestamp(min(max(time, _FIRST), _LAST), UTC)
