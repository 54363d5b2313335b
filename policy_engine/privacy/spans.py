"""How far a value reaches that is written into a text: quoted, in brackets, a bare token, or the rest of a line.

Knows notations and no secrets. Every pattern here is linear: repetitions are possessive or bounded. When in doubt, a
value reaches further: what is lost is readability, not a secret.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_QUOTE = re.compile(r"""[bBrRuUfF]{0,2}(\\{0,4})(\"\"\"|'''|["'`])""")
_DOUBLE = re.compile(r"""(?:[^"\\\n]|\\.|"(?=\w))*+""", re.DOTALL)
_SINGLE = re.compile(r"""(?:[^'\\\n]|\\.|'(?=\w))*+""", re.DOTALL)
_BACKTICK = re.compile(r"""(?:[^`\\\n]|\\.)*+""", re.DOTALL)
_QUOTED = {'"': _DOUBLE, "'": _SINGLE, "`": _BACKTICK}
_LINE = re.compile(r"[^\r\n]*+")
_OPENING = "[{("
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


def value_span(text: str, at: int) -> Span:
    """Return the value that begins at ``at``; empty where none does."""
    quote = _QUOTE.match(text, at)
    if quote is not None:
        return Span(quote.end(), _quoted_end(text, quote.end(), quote[1], quote[2]), quoted=True)
    if text[at : at + 1] in ("[", "{", "("):
        return Span(at, token_span(text, bracket_end(text, at)).end)
    return token_span(text, at)


def token_span(text: str, at: int) -> Span:
    """Return the bare token at ``at``: up to white space, a quote, or a separator before another field."""
    end = run_end(_TOKEN, text, at)
    while end > at and text[end - 1] == ".":
        end -= 1
    return Span(at, end)


def line_span(text: str, at: int, closing: str) -> Span:
    """Return the rest of the line at ``at``, up to the quote ``closing`` where one was open before."""
    end = run_end(_LINE, text, at)
    if closing:
        found = text.find(closing, at, end)
        end = end if found < 0 else found
    while end > at and text[end - 1].isspace():
        end -= 1
    return Span(at, end)


def bracket_end(text: str, at: int) -> int:
    """Where the bracket that opens at ``at`` is closed, just after it; the end of the line where it never is."""
    depth = 0
    position = at
    while (found := _BRACKETS.search(text, position)) is not None:
        character = found[0]
        position = found.end()
        if character in _OPENING:
            depth += 1
        elif character in "]})":
            depth -= 1
            if depth == 0:
                return position
        else:
            position = min(run_end(_QUOTED[character], text, position) + 1, len(text))
    return run_end(_LINE, text, at)


def run_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the run of a pattern's characters ends that begins at ``at``; it may be empty."""
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _quoted_end(text: str, at: int, escapes: str, quote: str) -> int:
    """Where a quoted value ends that begins at ``at``: at its closing quote, else with its line."""
    if escapes or len(quote) == 3:
        found = text.find(escapes + quote, at)
        return run_end(_LINE, text, at) if found < 0 else found
    return run_end(_QUOTED[quote], text, at)
