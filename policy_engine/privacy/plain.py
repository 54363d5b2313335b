"""Values that are rendered by themselves: numbers, bytes, and what the standard library defines.

Exact types only: a subclass may have code of its own. Modules that define them are not imported; a value of theirs can
exist only where they are loaded.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta, timezone
from math import isfinite

_WIDEST = 1 << 64
_WIDEST_SHOWN_BITS = 512
_BYTES_A_CHARACTER = 4
_STANDARD = {
    "uuid": ("UUID",),
    "pathlib": ("PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "ipaddress": ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface"),
}


def whole_number(value: int) -> int | str:
    """The number, as text where other languages and databases could not hold it."""
    if -_WIDEST < value < _WIDEST:
        return value
    bits = value.bit_length()
    return str(value) if bits <= _WIDEST_SHOWN_BITS else f"<int of {bits} bits>"


def real_number(value: float) -> float | str:
    """The number; JSON has no infinity and no NaN, so these become text."""
    return value if isfinite(value) else str(value)


def decoded(value: bytes | bytearray | memoryview, limit: int) -> tuple[str, int]:
    """The text of bytes, at least its first ``limit`` characters, and how many bytes were not looked at.

    What is no UTF-8 becomes replacement characters.
    """
    seen = bytes(value[: _BYTES_A_CHARACTER * (limit + 1)])
    return seen.decode("utf-8", errors="replace"), len(value) - len(seen)


def standard_text(value: object) -> str | None:
    """The text of a date, time, UUID, path, decimal, address, range or complex number; ``None`` for any other type."""
    kind = type(value)
    if type(value) is datetime or type(value) is time:
        return _moment(value)
    if kind is date or kind is timedelta or kind is complex or kind is range:
        return str(value)
    for module, names in _STANDARD.items():
        loaded = sys.modules.get(module)
        if loaded is not None and any(kind is getattr(loaded, name, None) for name in names):
            return _text_of(value)
    return None


def _moment(value: datetime | time) -> str:
    """ISO 8601; a time zone that is no class of the standard library's is left out, since it would run code."""
    zone = type(value.tzinfo)
    loaded = sys.modules.get("zoneinfo")
    if value.tzinfo is None or zone is timezone or (loaded is not None and zone is loaded.ZoneInfo):
        return value.isoformat()
    return value.replace(tzinfo=None).isoformat()


def _text_of(value: object) -> str | None:
    try:
        return str(value)
    except ValueError:  # a fraction of numbers with more digits than Python prints
        return None
