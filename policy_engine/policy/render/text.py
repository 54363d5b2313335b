"""Findings as text that a person reads, with the line they are about.

Knows the texts of the files, by name, and nothing of where findings come from. What a file holds may be anything, so no
control character of it reaches a terminal, and a line is cut around what is wrong with it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policy_engine.policy.diagnostics import Diagnostic, Place, Span

_TAB = "    "
_WIDEST = 160
_BEFORE = 60


class _Style(NamedTuple):
    """The codes around each part of a finding; empty where there is no colour."""

    error: str = ""
    warning: str = ""
    strong: str = ""
    frame: str = ""
    hint: str = ""
    end: str = ""


_PLAIN = _Style()
_COLOUR = _Style("\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[34m", "\x1b[36m", "\x1b[0m")


class _Snippet(NamedTuple):
    """A line of a file as shown, and how many columns before and under its marks."""

    line: str
    indent: int
    width: int


def as_text(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool = False) -> str:
    """Return findings as text, each with its line of the file, a mark under what is wrong, and what to do."""
    lines = {name: text.split("\n") for name, text in sources.items()}
    style = _COLOUR if colour else _PLAIN
    return "\n\n".join(_finding(diagnostic, lines, style) for diagnostic in diagnostics)


def _finding(diagnostic: Diagnostic, lines: Mapping[str, list[str]], style: _Style) -> str:
    where = str(diagnostic.span) if diagnostic.span is not None else diagnostic.file
    severity = style.error if diagnostic.severity == "error" else style.warning
    heading = f"{severity}{diagnostic.severity} {diagnostic.code} {diagnostic.name}{style.end}"
    gutter = max((len(str(span.line)) for span in _spans(diagnostic)), default=0)
    lead = f"{style.strong}{_shown(where)}{style.end}: " if where else ""
    parts = [f"{lead}{heading}: {_shown(diagnostic.message)}"]
    if diagnostic.span is not None:
        parts += _snippet(diagnostic.span, lines, gutter, "^", severity, style)
    for place in diagnostic.places:
        parts += _place(place, lines, gutter, style)
    if diagnostic.help is not None:
        parts.append(f"{' ' * gutter} {style.frame}={style.end} {style.hint}help{style.end}: {_shown(diagnostic.help)}")
    return "\n".join(parts)


def _spans(diagnostic: Diagnostic) -> Iterable[Span]:
    if diagnostic.span is not None:
        yield diagnostic.span
    yield from (place.span for place in diagnostic.places)


def _place(place: Place, lines: Mapping[str, list[str]], gutter: int, style: _Style) -> list[str]:
    heading = f"{' ' * gutter}{style.frame}::: {style.end}{_shown(str(place.span))}: {_shown(place.message)}"
    return [heading, *_snippet(place.span, lines, gutter, "-", style.frame, style)]


def _snippet(
    span: Span, lines: Mapping[str, list[str]], gutter: int, mark: str, colour: str, style: _Style
) -> list[str]:
    text = lines.get(span.file, ())
    if not 0 < span.line <= len(text):
        return []
    snippet = _cut(text[span.line - 1].removesuffix("\r"), span)
    bar = f"{style.frame}|{style.end}"
    number = f"{style.frame}{span.line:>{gutter}}{style.end}"
    marks = f"{' ' * snippet.indent}{colour}{mark * snippet.width}{style.end}"
    return [f"{' ' * gutter} {bar}", f"{number} {bar} {snippet.line}".rstrip(), f"{' ' * gutter} {bar} {marks}"]


def _cut(line: str, span: Span) -> _Snippet:
    """Return the line as shown, cut to a window around the span where it is long."""
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    first = start - _BEFORE if len(line) > _WIDEST and start > _BEFORE else 0
    last = first + _WIDEST
    before, marked, after = line[first:start], line[start : min(end, last)], line[max(end, start) : last]
    lead = "..." if first else ""
    tail = "..." if len(line) > last else ""
    shown = [_shown(part) for part in (before, marked, after)]
    return _Snippet(f"{lead}{''.join(shown)}{tail}", len(lead) + _width(shown[0]), max(1, _width(shown[1])))


def _shown(text: str) -> str:
    """Return text without what a terminal would obey: control characters, and marks that turn the direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    if character == "\t":
        return _TAB
    return (
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
    )


def _width(text: str) -> int:
    """Return how many columns a terminal needs for text."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
