"""The layers of a policy, lowest first: each given by its files and folders, with those that its files extend below it.

Knows which files belong to which layer, not what a layer over another means. ``extends = ["../base"]`` in a file names
layers below the file's own, relative to the file. A layer that is reached twice is laid once, at its lowest place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy_engine.policy.diagnostics import Diagnostic, Span, finding
from policy_engine.policy.files import SourceFile, read
from policy_engine.policy.shipped import policies_path
from policy_engine.policy.variables import substituted

EXTENDS = "extends"
SHIPPED = "@shipped"
"""What stands in ``extends`` for the policy that comes with the package."""

_DEEPEST = 32

Paths = Sequence[Path | str]


@dataclass(frozen=True, slots=True)
class Layer:
    """Files that make up one layer, and the files and folders that they were read from."""

    files: tuple[SourceFile, ...]
    paths: tuple[Path | str, ...]


@dataclass(slots=True)
class LayerReading:
    """What reading gave: layers from the lowest on, findings, and the text of every file by its name."""

    layers: list[Layer] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)


def read_layers(layers: Sequence[Paths]) -> LayerReading:
    """Read each layer, and before it what it extends."""
    reading = LayerReading()
    stack = _Stack(reading)
    for paths in layers:
        stack.lay(paths)
    return reading


class _Stack:
    """Layers under way: those whose files are read, while what they extend is read below them."""

    def __init__(self, reading: LayerReading) -> None:
        self._reading = reading
        self._open: list[frozenset[str]] = []
        self._laid: set[frozenset[str]] = set()

    def lay(self, paths: Paths, place: Span | None = None) -> None:
        """Read a layer; ``place`` is where a file extends it."""
        found = read(paths)
        self._reading.sources.update(found.sources)
        names = frozenset(os.path.realpath(file.name) for file in found.files)
        if self._is_circle(names):
            self._reading.diagnostics.append(_circle(place))
            return
        if names and names in self._laid:
            return
        self._reading.diagnostics.extend(found.diagnostics)
        self._open.append(names)
        for file in found.files:
            self._lay_below(file)
        self._open.pop()
        self._laid.add(names)
        self._reading.layers.append(Layer(tuple(map(self._substituted, found.files)), tuple(paths)))

    def _substituted(self, file: SourceFile) -> SourceFile:
        file, wrong = substituted(file)
        self._reading.diagnostics.extend(wrong)
        return file

    def _is_circle(self, names: frozenset[str]) -> bool:
        return len(self._open) >= _DEEPEST or any(names & layer for layer in self._open)

    def _lay_below(self, file: SourceFile) -> None:
        for index, target in _extended(file):
            path = policies_path() if target == SHIPPED else _shortened(Path(file.name).parent / target)
            place = _place_of(file, index)
            if path.exists():
                self.lay([path], place)
            else:
                message = f'there is no file or folder "{target}" to extend'
                advice = "a path here is relative to this file"
                self._reading.diagnostics.append(finding("PE105", message, span=place, file=file.name, help=advice))


def _shortened(path: Path) -> Path:
    """Return a path without its ``..``, unless they lead elsewhere because of a link."""
    short = Path(os.path.normpath(path))
    return short if os.path.realpath(short) == os.path.realpath(path) else path


def _extended(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Yield what a file extends; what is no list of texts is told by the schema."""
    listed = file.data.get(EXTENDS)
    for index, target in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(target, str) and target and "\0" not in target:
            yield index, target


def _place_of(file: SourceFile, index: int) -> Span | None:
    from policy_engine.policy.positions import Positions  # a policy without a finding rarely needs it

    found = Positions(file.name, file.text).find((EXTENDS, index))
    return found.value if found is not None else None


def _circle(place: Span | None) -> Diagnostic:
    return finding(
        "PE703",
        "this layer extends itself, or one above it",
        span=place,
        help="move what both need into a layer of its own, and extend that",
    )
