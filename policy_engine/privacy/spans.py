"""How far a value reaches that is written into a text: quoted, in brackets, a bare token, or the rest of a line.

Knows notations and no secrets. Every pattern here is linear: repetitions are possessive or bounded. When in doubt, a
value reaches further: what is lost is readability, not a secret.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_QUOTE = re.compile(r"""[bBrRuUfF]{0,2}(\\{0,4})(\"\"\"|'''|["'`]|%(?:25){0,2}2[27])""")
_DOUBLE = re.compile(r"""(?:[^"\\\n]|\\.|"(?=\w))*+""", re.DOTALL)
_SINGLE = re.compile(r"""(?:[^'\\\n]|\\.|'(?=\w))*+""", re.DOTALL)
_BACKTICK = re.compile(r"""(?:[^`\\\n]|\\.)*+""", re.DOTALL)
_QUOTED = {'"': _DOUBLE, "'": _SINGLE, "`": _BACKTICK}
_LINE = re.compile(r"[^\r\n]*+")
_PEM = re.compile(r"-----BEGIN (?:[^-]|-(?!----END )){0,65536}+(?:-----END [A-Z0-9 ]{1,48}-----)?")
_OPENING = "[{("
_WIDEST_BRACKET = 2048
_BRACKETS = re.compile(r"""[\[{(]|[\]})]|["']""")
_TOKEN = re.compile(
    r"""(?:\[scrubbed\]|[^\s&"'`,;)\]}>\\%]"""
    r"""|%(?!26)"""
    r"""|\\(?!\\{0,3}["'])\S"""
    r"""|["'`](?=\w)"""
    r"""|&(?![\w.%\[\]-]{1,64}=)"""
    r"""|[,;](?![\s,;&"'`(){}\[\]<>]|\Z| ?[\w.-]{1,40}(?: [\w.-]{1,40})?[ ]?[=:])"""
    r"""|[)\]}>](?=\w))*+"""
)


class Span(NamedTuple):
    """The characters of a value, without its quotes."""

    start: int
    end: int
    quoted: bool = False
    spoken: bool = False
    """Whether no sign but only a sentence gives it."""


def value_span(text: str, at: int, end: int | None = None) -> Span:
    """Return the value that begins at ``at`` and reaches to ``end`` at most; empty where none does."""
    end = len(text) if end is None else end
    quote = _QUOTE.match(text, at)
    if quote is not None:
        return Span(quote.end(), _quoted_end(text, quote.end(), quote[1], quote[2], end), quoted=True)
    if text.startswith("-----BEGIN ", at):
        return Span(at, run_end(_PEM, text, at, end))
    if text[at : at + 1] in ("[", "{", "("):
        return Span(at, token_span(text, bracket_end(text, at, end), end).end)
    return token_span(text, at, end)


def quote_end(text: str, at: int) -> int:
    """Where the quote ends that opens at ``at``; ``at`` where none does."""
    return run_end(_QUOTE, text, at, len(text))


def token_span(text: str, at: int, end: int) -> Span:
    """Return the bare token at ``at``: up to white space, a quote, or a separator before another field."""
    stop = run_end(_TOKEN, text, at, end)
    while stop > at and text[stop - 1] == ".":
        stop -= 1
    return Span(at, stop)


def line_span(text: str, at: int, end: int, closing: str) -> Span:
    """Return the rest of the line at ``at``, up to the quote ``closing`` where one was open before."""
    stop = run_end(_LINE, text, at, end)
    if closing:
        found = text.find(closing, at, stop)
        stop = stop if found < 0 else found
    while stop > at and text[stop - 1].isspace():
        stop -= 1
    return Span(at, stop)


def bracket_end(text: str, at: int, end: int | None = None) -> int:
    """Where the bracket that opens at ``at`` is closed, just after it.

    The end of the line where it never is, and the end of the text where that is too far away to tell: what is hidden
    then is too much, but the cost of many open brackets stays linear.
    """
    end = len(text) if end is None else end
    reach = min(end, at + _WIDEST_BRACKET)
    depth = 0
    position = at
    while (found := _BRACKETS.search(text, position, reach)) is not None:
        character = found[0]
        position = found.end()
        if character in _OPENING:
            depth += 1
        elif character in "]})":
            depth -= 1
            if depth == 0:
                return position
        else:
            position = min(run_end(_QUOTED[character], text, position, reach) + 1, reach)
    return end if reach < end else run_end(_LINE, text, at, end)


def run_end(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    """Where the run of a pattern's characters ends that begins at ``at``; it may be empty."""
    match = pattern.match(text, at, end)
    return at if match is None else match.end()


def _quoted_end(text: str, at: int, escapes: str, quote: str, end: int) -> int:
    """Where a quoted value ends that begins at ``at``: at its closing quote, else with its line."""
    if escapes or len(quote) >= 3:
        found = text.find(escapes + quote, at, end)
        return run_end(_LINE, text, at, end) if found < 0 else found
    return run_end(_QUOTED[quote], text, at, end)
