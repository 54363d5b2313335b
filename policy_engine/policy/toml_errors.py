"""What `tomllib` refuses, as one finding at the exact place.

Its messages are written for programmers, and its position for a key that is defined twice is past the value; both are
put right here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policy_engine.policy.diagnostics import Diagnostic, Place, Span, finding
from policy_engine.policy.duplicates import find_twice
from policy_engine.policy.limits import open_bracket
from policy_engine.policy.syntax import Syntax

if TYPE_CHECKING:
    from tomllib import TOMLDecodeError

_FORM = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate inline table key")

_UNCLOSED = ("Unclosed array", "Unclosed inline table")
_ESCAPES = ("Unescaped", "Invalid hex value", "Escaped character")

# What tomllib says at the start of its message -> what is wrong, what to do.
_WORDS: tuple[tuple[str, str, str | None], ...] = (
    ("Invalid value", "there is no value here that TOML knows", 'put text in quotes, as in key = "text"'),
    ("Invalid statement", "this is neither a key nor a table", "write key = value, or [table]"),
    (
        "Expected newline or end",
        "this does not belong to the value before it",
        'put text in quotes, as in "30s", and each key on a line of its own',
    ),
    ("Expected '=' after", 'a key is not followed by "="', "write key = value; a key with spaces needs quotes"),
    ("Expected ']' at the end of a table", 'a table\'s header lacks its closing "]"', "write [table]"),
    ("Expected ']]' at the end", 'an array table\'s header lacks its closing "]]"', "write [[table]]"),
    ("Invalid initial character for a key", "a key cannot start like this", "letters, digits, _ and - need no quotes"),
    ("Unclosed array", 'a list is not closed by "]"', None),
    ("Unclosed inline table", 'an inline table is not closed by "}"', "an inline table stands on one line"),
    ("Unterminated string", "a text is not closed by its quote", None),
    ('Expected "\'"', "a text is not closed by its quote", None),
    (
        "Unescaped '\\' in a string",
        "a backslash stands before a letter it cannot escape",
        "write '...' with single quotes to keep backslashes as they are, or double the backslash",
    ),
    ("Illegal character '\\n'", "a text is not closed on its line", 'close the quote, or use """ for several lines'),
    (
        "Found invalid character '\\n'",
        "a text is not closed on its line",
        "close the quote, or use ''' for several lines",
    ),
    ("Found invalid character", "a control character stands in the file", "remove it"),
    ("Illegal character", "a control character stands in the file", "remove it, or write it as an escape such as \\t"),
    ("Invalid date or datetime", "there is no such date", None),
    ("Invalid hex value", "an escape lacks its hexadecimal digits", "write \\u and four digits"),
    ("Escaped character is not", "an escape names no character", None),
)


def invalid(name: str, text: str, error: TOMLDecodeError) -> Diagnostic:
    """Return the finding for a file that `tomllib` refused with ``error``."""
    said, line, column = _parts(str(error), text)
    if said.startswith(_TWICE):
        return _defined_twice(name, text, line, column)
    message, advice = _in_words(said)
    return finding("PE101", message, span=_place(said, name, text, line, column), help=advice)


def _place(said: str, name: str, text: str, line: int, column: int) -> Span:
    """Return where the mistake is: tomllib tells where it gave up, which is past an escape or after an open list."""
    lines = text.split("\n")
    if said.startswith(_UNCLOSED):
        before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
        return open_bracket(name, before) or _one_character(name, text, line, column)
    if said.startswith(_ESCAPES):
        backslash = lines[line - 1].rfind("\\", 0, column - 1)
        column = backslash + 1 if backslash >= 0 else column
    return _one_character(name, text, line, column)


def _defined_twice(name: str, text: str, line: int, column: int) -> Diagnostic:
    twice = find_twice(Syntax(name, text), line, column)
    if twice is None:
        return finding("PE102", "a key here is defined before", span=_one_character(name, text, line, column))
    return finding(
        "PE102",
        f'"{twice.name}" is defined twice: first on line {twice.first.line}',
        span=twice.second,
        help="remove or rename one of the two",
        places=(Place(twice.first, "first defined here"),),
    )


def _parts(message: str, text: str) -> tuple[str, int, int]:
    match = _FORM.fullmatch(message)
    said = match.group(1) if match else message
    if match is not None and match.group(2) is not None:
        return said, int(match.group(2)), int(match.group(3))
    lines = text.split("\n")
    return said, len(lines), len(lines[-1]) + 1


def _in_words(said: str) -> tuple[str, str | None]:
    for start, message, advice in _WORDS:
        if said.startswith(start):
            return message, advice
    return said[:1].lower() + said[1:], None


def _one_character(name: str, text: str, line: int, column: int) -> Span:
    """Return the span of the character at a place; of nothing where the line ends."""
    width = len(text.split("\n")[line - 1].removesuffix("\r"))
    column = min(column, width + 1)
    return Span(name, line, column, line, min(column + 1, width + 1))
