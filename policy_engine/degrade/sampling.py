"""Which calls of optional work still run when only a share of them may.

With a key the answer depends on the key alone, so one user sees one behaviour, in every process and after a restart.
Without one the share is spread evenly over the calls, so it is exact and needs no randomness.
"""

from __future__ import annotations

from hashlib import blake2b


def takes_key(share: float, function: str, key: object) -> bool:
    """Whether calls of ``function`` with this key belong to the share.

    The key is hashed with the function's name, so that two functions do not pick the same users. By a checksum they
    would: those of two names of one length differ by the same bits for every key.
    """
    digest = blake2b(f"{function}\0{key}".encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest) < share * 2**64


def takes_turn(share: float, turn: int) -> bool:
    """Whether call number ``turn`` (from 1) belongs to the share: where ``floor(turn * share)`` grows."""
    return int(turn * share) > int((turn - 1) * share)
