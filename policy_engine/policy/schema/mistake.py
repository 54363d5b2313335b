"""One thing that a user has to change, by its path in the policy: not yet a place in a file."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at the value of ``path``, or at its key; ``first`` is another key that it concerns."""

    code: str
    path: Path
    message: str
    help: str | None = None
    at_key: bool = False
    first: Path | None = None
