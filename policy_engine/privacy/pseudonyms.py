"""Pseudonyms: a field's value replaced by its keyed hash, equal for equal values, so that errors can still be joined.

HMAC-SHA256, cut to 64 bits, behind a mark of the key it was made with: values under two keys never compare equal by
accident, and a reader sees which key made them. Knows no fields. The key never leaves this module.
"""

from __future__ import annotations

import hashlib
import hmac


class Pseudonyms:
    """Makes the pseudonyms of one key."""

    __slots__ = ("_keyed", "_mark")

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod=hashlib.sha256)
        self._mark = self._digest(b"the mark of this key")[:4]

    def of(self, value: str) -> str:
        """Return the pseudonym of ``value``; a number and its digits have the same one."""
        return f"pseudonym:{self._mark}:{self._digest(value.encode(errors='surrogatepass'))[:16]}"

    def _digest(self, data: bytes) -> str:
        keyed = self._keyed.copy()
        keyed.update(data)
        return keyed.hexdigest()
