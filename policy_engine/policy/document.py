"""One policy out of many files: the merged data, and where each part of it stands.

A path is the way into `Document.data`: ``("rules", 3, "match", "exception")``. Files are parsed for positions only once
somebody asks for one. Where layers were laid over each other, `Document.pieces` knows which files an entry came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
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
    pieces: Mapping[Path, tuple[Part, ...]] = field(default_factory=dict, repr=False, compare=False)
    """Of an entry that was put together from layers: what each of them says of it, the last layer first."""
    _positions: dict[str, Positions] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, path: Sequence[str | int], *, key: bool = False) -> Span | None:
        """Return where the value at ``path`` stands, or with ``key`` its key; ``None`` where no file holds it."""
        parts = self.parts(path)
        return self.place(parts[0], key=key) if parts else None

    def file_path(self, path: Sequence[str | int], name: str) -> FilePath:
        """Return the path of the file ``name`` that the policy names at ``path``: relative to the file that says so."""
        parts = self.parts(path)
        said_in = parts[0].file if parts else self.files[0]
        return FilePath(said_in.name).parent / name

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
        steps = tuple(path)
        for cut in range(len(steps) if self.pieces else 0, 0, -1):
            pieces = self.pieces.get(steps[:cut])
            if pieces is not None:
                return _of_entry(pieces, steps[cut:])
        return _inside([Part(file, (), file.data) for file in self.files], steps)

    @property
    def holds_variables(self) -> bool:
        """Whether environment variables were replaced anywhere."""
        return any(file.written for file in self.files)

    def as_written(self, path: Sequence[str | int]) -> str | None:
        """Return a text as its file has it, where environment variables were replaced in it."""
        parts = self.parts(path)
        return parts[0].file.written.get(parts[0].path) if parts else None

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


def _of_entry(pieces: Sequence[Part], steps: Path) -> list[Part]:
    if not steps:
        return list(pieces)
    # A key of an entry has its value from one layer, as a whole.
    return _inside(_within(list(pieces), steps[0])[:1], steps[1:])


def _inside(parts: list[Part], steps: Path) -> list[Part]:
    for step in steps:
        parts = _within(parts, step)
    return parts


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
