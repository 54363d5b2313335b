"""Environment variables in the texts of a policy: ``${NAME}``, ``${NAME:-default}``, and ``$${`` for a plain ``${``.

Only in values that were parsed, and only where the schema says ``x-env``: a pattern that is matched against errors
keeps every ``$`` that it has. As in a shell, the default serves for a variable that is not set or empty.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from policy_engine.policy.described import described
from policy_engine.policy.diagnostics import Diagnostic, Span, finding
from policy_engine.policy.files import SourceFile

Path = tuple[str | int, ...]

_MAY_HOLD_ONE = re.compile(r"\$\{|\\[uU]0*24")
_FORM = re.compile(r"(?P<plain>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<wrong>\$\{)")


def substituted(file: SourceFile, environment: Mapping[str, str] = os.environ) -> tuple[SourceFile, list[Diagnostic]]:
    """Return a file with the variables in its values replaced, and what is wrong with them."""
    if _MAY_HOLD_ONE.search(file.text) is None:
        return file, []
    texts = [(path, text) for path, text in _texts(file.data, ()) if "${" in text and takes_variables(path)]
    if not texts:
        return file, []
    findings: list[Diagnostic] = []
    data = file.data
    for path, text in texts:
        value = _replaced(file, path, text, environment, findings)
        data = _with(data, path, value)
    return replace(file, data=data, written=dict(texts)), findings


def escaped(text: str) -> str:
    """Return a text that means itself where variables are replaced."""
    return text.replace("${", "$${")


def takes_variables(path: Sequence[str | int]) -> bool:
    """Whether the schema allows variables in the text at ``path`` of a policy."""
    return any("x-env" in node for node in described(path))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _replaced(
    file: SourceFile, path: Path, text: str, environment: Mapping[str, str], findings: list[Diagnostic]
) -> str:
    def value_of(match: re.Match[str]) -> str:
        if match["plain"]:
            return "${"
        if match["wrong"]:
            findings.append(_malformed(file, path, text, match))
            return match[0]
        value = environment.get(match["name"])
        if match["default"] is not None:
            return value or str(match["default"])
        if value is None:
            findings.append(_unset(file, path, match))
            return match[0]
        return value

    return _FORM.sub(value_of, text)


def _unset(file: SourceFile, path: Path, match: re.Match[str]) -> Diagnostic:
    name = match["name"]
    return finding(
        "PE704",
        f"the environment variable {name} is not set",
        span=_place(file, path, match[0]),
        file=file.name,
        help=f"set it, or give a default: ${{{name}:-...}}",
    )


def _malformed(file: SourceFile, path: Path, text: str, match: re.Match[str]) -> Diagnostic:
    found = text[match.start() : match.start() + 20].partition("}")
    return finding(
        "PE705",
        f'"{found[0]}{found[1]}" is no variable',
        span=_place(file, path, match[0]),
        file=file.name,
        help="write ${NAME} or ${NAME:-default}; for the characters themselves, write $${",
    )


def _place(file: SourceFile, path: Path, piece: str) -> Span | None:
    """Return where a piece of a text stands: within the text, where it is written there once and on one line."""
    from policy_engine.policy.positions import Positions  # only a finding needs it

    found = Positions(file.name, file.text).find(path)
    if found is None:
        return None
    span = found.value
    line = file.text.split("\n")[span.line - 1]
    written = line[span.column - 1 : span.end_column - 1]
    if span.line != span.end_line or written.count(piece) != 1:
        return span
    column = span.column + written.index(piece)
    return Span(span.file, span.line, column, span.line, column + len(piece))


def _with(data: Any, path: Path, value: str) -> Any:
    """Return data with another value at ``path``; what was given stays as it is."""
    if not path:
        return value
    copy = data.copy()
    copy[path[0]] = _with(data[path[0]], path[1:], value)
    return copy
