"""What a file may hold at the most: far beyond what anybody writes, far below what would exhaust stack, time or Python.

Most of it is looked for before `tomllib` reads the file, which would take minutes, or fail without saying where.
"""

from __future__ import annotations

import re
from typing import Any

from policy_engine.policy.diagnostics import Span

MAX_DEPTH = 64

# Strings and comments are stepped over, so that a bracket in one does not count.
_PIECE = re.compile(
    r"""
    \"{3} (?: [^\\] | \\. )*? \"{3} | '{3} .*? '{3}   # strings of several lines
    | \" (?: [^\"\\\n] | \\. )* \" | ' [^'\n]* '       # strings of one
    | \# [^\n]* | [\[{\]}]
    """,
    re.DOTALL | re.VERBOSE,
)
# Tried from the start of a name alone, and possessive: linear in the file whatever it holds.
_NAME = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]++)[ \t]*+"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_.-])(?:{_NAME}\.[ \t]*+){{{MAX_DEPTH}}}")

# Python turns no integer of more than 4300 digits into text; in hexadecimal that many are fewer.
_LONG_INTEGER = re.compile(r"(?<![A-Za-z0-9_])[0-9][0-9A-Fa-f_xob]{3000,}+")


def too_deep(data: dict[str, Any]) -> tuple[str | int, ...] | None:
    """Return the path of a value that lies deeper than `MAX_DEPTH`; ``None`` where none does."""
    level: list[tuple[Any, Any]] = [((), data)]
    for _ in range(MAX_DEPTH):
        # A path is kept as (parent's path, step): most files are never too deep, and need none.
        level = [
            ((path, step), value)
            for path, node in level
            for step, value in (node.items() if isinstance(node, dict) else enumerate(node))
            if isinstance(value, dict | list)
        ]
        if not level:
            return None
    return _unfolded(level[0][0])


def _unfolded(path: Any) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while path:
        path, step = path
        steps.append(step)
    return tuple(reversed(steps))


def long_key(name: str, text: str) -> Span | None:
    """Return the place of a dotted key with more than `MAX_DEPTH` names, which `tomllib` would take minutes to read."""
    match = _outside_strings(_LONG_KEY, text)
    return None if match is None else _at(name, text, match.start())


def long_integer(name: str, text: str) -> Span | None:
    """Return the place of an integer of thousands of digits."""
    match = _outside_strings(_LONG_INTEGER, text)
    return None if match is None else _at(name, text, match.start(), len(match.group()))


def _outside_strings(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    if form.search(text) is None:
        return None
    # What looks like it in a string or a comment is blanked, and everything keeps its place.
    return form.search(_PIECE.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    piece = match.group()
    if piece in "[{]}":
        return piece
    if piece.startswith(("#", '"""', "'''")):
        return re.sub(r"[^\n]", " ", piece)
    # A quoted key is one name, whatever stands in it.
    return piece[0] + "x" * (len(piece) - 2) + piece[0]


def deepest_bracket(name: str, text: str) -> Span:
    """Return the place of the first bracket that nests deeper than `MAX_DEPTH`, in a file too deep to be read."""
    depth = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            return _at(name, text, match.start())
    return _at(name, text, 0)


def open_bracket(name: str, text: str) -> Span | None:
    """Return the place of the bracket that ``text``, the beginning of a file, opened last and did not close."""
    opened: list[int] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece in "[{":
            opened.append(match.start())
        elif piece in "]}" and opened:
            opened.pop()
    return _at(name, text, opened[-1]) if opened else None


def _at(name: str, text: str, offset: int, width: int = 1) -> Span:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Span(name, line, column, line, column + min(width, len(text) - offset))
