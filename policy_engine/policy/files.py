"""Which files make up a policy, and each one as text and TOML data.

A folder gives its ``*.toml`` in name order, subfolders too; tests (``*.test.toml``) and hidden names never count, which
is also why a Kubernetes ConfigMap's ``..data`` folder is not read twice. `tomllib` alone decides what is valid TOML.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_engine.policy.diagnostics import Diagnostic, Span, finding

_BOM = b"\xef\xbb\xbf"
_AT = re.compile(r"(?s)(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")
_TEST = ".test.toml"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a policy: its name as the user gave it, its text without a BOM, and its data."""

    name: str
    text: str
    data: dict[str, Any]


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
    seen: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            diagnostics.append(finding("PE105", f'there is no file or folder "{path}"', file=str(path)))
            continue
        for found in _policy_files(path):
            resolved = found.resolve()
            if resolved in seen:
                continue
            seen.add(resolved)
            outcome = _read_one(found, sources)
            if isinstance(outcome, SourceFile):
                files.append(outcome)
            else:
                diagnostics.append(outcome)
    if not seen and not diagnostics:
        diagnostics.append(finding("PE106", "there is no policy file here", file=", ".join(map(str, paths))))
    return Reading(tuple(files), tuple(diagnostics), sources)


def _policy_files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        if not path.name.endswith(_TEST):
            yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".toml") and not name.endswith(_TEST) and not name.startswith("."):
                yield Path(folder, name)


def _read_one(path: Path, sources: dict[str, str]) -> SourceFile | Diagnostic:
    name = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        return finding("PE107", f"the file cannot be read: {error.strerror}", file=name)
    try:
        text = content.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        return finding("PE103", "the file is not UTF-8", file=name)
    sources[name] = text
    try:
        return SourceFile(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return _invalid(name, text, str(error))
    except RecursionError:
        return finding("PE104", "tables and lists are nested too deeply to be read", file=name)


def _invalid(name: str, text: str, error: str) -> Diagnostic:
    match = _AT.fullmatch(error)
    message, line, column = match.groups() if match else (error, None, None)
    if line is None:
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    return finding("PE101", message, span=Span(name, int(line), int(column), int(line), int(column) + 1))
