"""Attributes that an exception's text gives away: what a recorded or printed error still knows of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ERRNO = re.compile(r"\[Errno (-?\d{1,9})\]")


def attributes_in(message: str, mro: Sequence[str]) -> dict[str, object]:
    """Return the ``errno`` that an OSError prints before its text."""
    if message.startswith("[Errno ") and "OSError" in mro:
        found = _ERRNO.match(message)
        if found is not None:
            return {"errno": int(found[1])}
    return {}
