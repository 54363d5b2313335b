"""Which files make up a policy, and each one as text and TOML data.

A folder gives its ``*.toml`` in name order, subfolders too. Tests (``*.test.toml``) and hidden names never count, so
that a Kubernetes ConfigMap, whose files are links into ``..data``, is read once. `tomllib` alone decides what is valid.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.policy.diagnostics import Diagnostic, Span, finding
from policy_engine.policy.limits import MAX_DEPTH, deepest_bracket, long_integer, long_key, too_deep

_BOM = b"\xef\xbb\xbf"
_TEST = ".test.toml"
_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a policy: its name as the user gave it, its text without a BOM, and its data.

    ``written`` has, by their paths, the texts in which environment variables were replaced, as they stand in the file.
    """

    name: str
    text: str
    data: dict[str, Any]
    written: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading gave: files that are TOML, findings about the rest, and the text of every file by its name."""

    files: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, str]


def read(paths: Sequence[Path | str]) -> Reading:
    """Read all policy files that ``paths``, files or folders, stand for; no file twice."""
    files: list[SourceFile] = []
    diagnostics: list[Diagnostic] = []
    sources: dict[str, str] = {}
    seen: set[str] = set()
    for path in map(Path, paths):
        unreadable: list[OSError] = []
        found = list(policy_files(path, unreadable.append))
        diagnostics.extend(_unreadable(str(error.filename), error) for error in unreadable)
        if not found and not unreadable:
            diagnostics.append(_nothing_at(path))
        for file in found:
            real = os.path.realpath(file)
            if real in seen:
                continue
            seen.add(real)
            outcome = read_file(file, sources)
            if isinstance(outcome, SourceFile):
                files.append(outcome)
            else:
                diagnostics.append(outcome)
    if not paths:
        diagnostics.append(finding("PE106", "no file or folder was given"))
    return Reading(tuple(files), tuple(diagnostics), sources)


def policy_files(path: Path, unreadable: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """Yield the policy files that a path stands for, in name order; none where there is nothing.

    ``unreadable`` is told of each folder that cannot be listed.
    """
    try:
        if path.is_dir():
            yield from sorted(_inside(path, unreadable), key=lambda found: found.parts)
        elif path.exists() and not path.name.endswith(_TEST):
            yield path
    except PermissionError as error:
        if unreadable is not None:
            unreadable(error)


def _inside(folder: Path, unreadable: Callable[[OSError], object] | None) -> Iterator[Path]:
    visited: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=unreadable, followlinks=True):
        # A link may lead back up; each real folder is entered once.
        visited.add(os.path.realpath(place))
        folders[:] = [
            name for name in folders if not name.startswith(".") and os.path.realpath(Path(place, name)) not in visited
        ]
        for name in names:
            if name.endswith(".toml") and not name.endswith(_TEST) and not name.startswith("."):
                yield Path(place, name)


def _nothing_at(path: Path) -> Diagnostic:
    name = str(path)
    if path.is_dir():
        return finding("PE106", "the folder holds no policy: no *.toml but tests and hidden files", file=name)
    if path.exists():
        return finding("PE106", "this is a policy test, which is never loaded as a policy", file=name)
    return finding("PE105", "there is no such file or folder", file=name)


def _unreadable(name: str, error: OSError) -> Diagnostic:
    return finding("PE107", f"it cannot be read: {(error.strerror or 'unknown reason').lower()}", file=name)


def read_file(path: Path, sources: dict[str, str]) -> SourceFile | Diagnostic:
    """Read one file, whatever its name, and note its text in ``sources``; a finding where it is no TOML."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1).removeprefix(_BOM)
    except OSError as error:
        return _unreadable(name, error)
    if len(content) > _MAX_BYTES:
        return finding("PE107", f"the file is larger than {_MAX_BYTES // 1024 // 1024} MiB", file=name)
    try:
        text = sources[name] = content.decode()
    except UnicodeDecodeError as error:
        sources[name] = content.decode(errors="replace")
        return _not_utf8(name, content, error)
    return _parse(name, text)


def _not_utf8(name: str, content: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = content[: error.start].decode()
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return finding(
        "PE103",
        f"the file is not UTF-8: byte 0x{content[error.start]:02x} does not belong here",
        span=Span(name, line, column, line, column + 1),
        help="save the file as UTF-8",
    )


def _parse(name: str, text: str) -> SourceFile | Diagnostic:
    too_long = long_key(name, text)
    if too_long is not None:
        return _nested_too_deeply(too_long)
    too_large = long_integer(name, text)
    if too_large is not None:
        return finding("PE119", "this whole number does not fit into 64 bits", span=too_large)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Loaded here because a valid policy never needs it.
        from policy_engine.policy.toml_errors import invalid

        return invalid(name, text, error)
    except RecursionError:
        return _nested_too_deeply(deepest_bracket(name, text))
    path = too_deep(data)
    if path is None:
        return SourceFile(name, text, data)
    from policy_engine.policy.positions import Positions

    found = Positions(name, text).find(path)
    return _nested_too_deeply(found.key if found is not None else deepest_bracket(name, text))


def _nested_too_deeply(span: Span) -> Diagnostic:
    return finding("PE104", f"tables and lists are nested more than {MAX_DEPTH} deep here", span=span)
