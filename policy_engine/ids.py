"""Ids that begin with the time: UUID version 7 (RFC 9562, section 5.7), written as 32 hexadecimal digits.

They sort by time, and a store finds an error by its id without an index. The random part comes from the engine's own
seeded source: an id is no secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_FORM = re.compile(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}")
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_MOST_MILLISECONDS = (1 << 48) - 1


def new_id(time: float | None, random: Random) -> str:
    """Return an id for something that happened at ``time``, in seconds since 1970; none counts as 0."""
    milliseconds = min(max(0, int((time or 0.0) * 1000)), _MOST_MILLISECONDS)
    drawn = random.getrandbits(74)
    return f"{milliseconds << 80 | _VERSION_7 | drawn >> 62 << 64 | _VARIANT | drawn & (1 << 62) - 1:032x}"


def time_of(id_: str) -> float | None:
    """Return the time in an id, in seconds since 1970; ``None`` where it is of another form."""
    return int(id_[:12], 16) / 1000 if _FORM.fullmatch(id_) else None
