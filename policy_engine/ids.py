"""Ids that begin with the time: UUID version 7 (RFC 9562, section 5.7), written as 32 hexadecimal digits.

They sort by time, so a store that keeps errors in the order of their ids finds them by both. The random part comes from
the engine's own seeded source: an id is no secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_FORM = re.compile(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}")
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_LOW = (1 << 62) - 1
_MOST_MILLISECONDS = (1 << 48) - 1


def new_id(time: float | None, random: Random) -> str:
    """Return an id for something that happened at ``time``, in seconds since 1970; none counts as 0."""
    milliseconds = min(max(0, int((time or 0.0) * 1000)), _MOST_MILLISECONDS)
    drawn = random.getrandbits(74)
    return f"{milliseconds << 80 | _VERSION_7 | drawn >> 62 << 64 | _VARIANT | drawn & _LOW:032x}"


def parts(id_: str) -> tuple[int, int] | None:
    """Return an id as two integers that sort as it does; ``None`` where it is of another form.

    The first one holds the milliseconds since 1970, times 4096, and 12 of the random bits, the second one the other 62.
    """
    if _FORM.fullmatch(id_) is None:
        return None
    return int(id_[:12] + id_[13:16], 16), int(id_[16:], 16) & _LOW


def high_at(time: float) -> int:
    """Return the least first part of an id of ``time``."""
    return int(time * 1000) << 12


def time_at(high: int) -> float:
    """Return the time, in seconds since 1970, that the first part of an id holds."""
    return (high >> 12) / 1000


def joined(high: int, low: int) -> str:
    """Return the id whose `parts` these are."""
    return f"{high >> 12 << 80 | _VERSION_7 | (high & 0xFFF) << 64 | _VARIANT | low:032x}"
