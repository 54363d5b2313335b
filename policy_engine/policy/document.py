"""One policy out of many files: the merged data, and where each part of it stands.

A path is the way into `Document.data`: ``("rules", 3, "match", "exception")``. Files are parsed for positions only once
somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from policy_engine.policy.diagnostics import Span
from policy_engine.policy.files import SourceFile

if TYPE_CHECKING:
    from policy_engine.policy.positions import Found, Positions

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of one file: the file, the path within it, and the data there."""

    file: SourceFile
    path: Path
    data: Any


@dataclass(frozen=True, slots=True)
class Document:
    """A policy: its merged data, and the files that it came from, in order."""

    data: dict[str, Any]
    files: tuple[SourceFile, ...]
    _positions: dict[str, Positions] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, path: Sequence[str | int], *, key: bool = False) -> Span | None:
        """Return where the value at ``path`` stands, or with ``key`` its key; ``None`` where no file holds it."""
        parts = self.parts(path)
        return self.place(parts[0], key=key) if parts else None

    def origin(self, path: Sequence[str | int]) -> str:
        """Return ``file:line`` of the key at ``path``, or of the nearest table around it."""
        steps = tuple(path)
        for cut in range(len(steps), 0, -1):
            span = self.locate(steps[:cut], key=True)
            if span is not None:
                return f"{span.file}:{span.line}"
        return self.files[0].name if self.files else ""

    def parts(self, path: Sequence[str | int]) -> list[Part]:
        """Return the pieces of files that make up the data at ``path``: several where tables or lists were merged."""
        parts = [Part(file, (), file.data) for file in self.files]
        for step in path:
            parts = _within(parts, step)
        return parts

    def place(self, part: Part, *, key: bool = False) -> Span | None:
        """Return where a piece of a file stands."""
        found = self._found(part)
        if found is None:
            return None
        return found.key if key else found.value

    def _found(self, part: Part) -> Found | None:
        positions = self._positions.get(part.file.name)
        if positions is None:
            # Loaded here because a policy without a finding never needs it.
            from policy_engine.policy.positions import Positions

            positions = self._positions[part.file.name] = Positions(part.file.name, part.file.text)
        return positions.find(part.path)


def _within(parts: list[Part], step: str | int) -> list[Part]:
    if isinstance(step, str):
        return [
            Part(part.file, (*part.path, step), part.data[step])
            for part in parts
            if isinstance(part.data, dict) and step in part.data
        ]
    # Lists follow each other in file order, so an item of the whole is an item of one of them.
    for part in parts:
        if isinstance(part.data, list):
            if step < len(part.data):
                return [Part(part.file, (*part.path, step), part.data[step])]
            step -= len(part.data)
    return []
