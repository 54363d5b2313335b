"""A log without its secrets, line by line, so that it can be shared. Nothing is cut; a key over many lines is one text.

Knows no formats: what a line hides is found by names and looks, as in any text. Of JSON it knows that a text with
escapes hides the quotes and letters that are in it, so such texts are looked at unescaped, and that a mark which stands
for a number or a list needs quotes, so that the line stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policy_engine.privacy.marks import MARKER, PSEUDONYM
from policy_engine.privacy.scrubber import Scrubber

_OPEN = ("{", "[")
_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+"')
"""A text of JSON."""
_TEXT_OR_MARK = re.compile(rf"{_TEXT.pattern}|{re.escape(MARKER)}|{PSEUDONYM.pattern}")
_BEGIN = "-----BEGIN "
_END = "-----END "
_LONGEST_KEY = 400
"""Lines that a key may take; one that is not closed by then is masked as far as it goes."""


class Piece(NamedTuple):
    """What is left of one line, or of several that belong together."""

    text: str
    lines: int
    """How many it was."""
    changed: bool


def scrubbed(lines: Iterable[str], scrubber: Scrubber) -> Iterator[Piece]:
    """Yield all lines in order, without secrets."""
    for text in _wholes(lines):
        clean = scrubber.whole(_with_clean_strings(text, scrubber) if text.lstrip()[:1] in _OPEN else text)
        if clean != text and _is_json(text):
            clean = _TEXT_OR_MARK.sub(_in_quotes, clean)
        yield Piece(clean, text.count("\n") + 1, clean != text)


def _with_clean_strings(line: str, scrubber: Scrubber) -> str:
    """A line of JSON, its texts with escapes scrubbed as they would be read; layout and all else as they are."""

    def clean(match: re.Match[str]) -> str:
        if "\\" not in match[0]:
            return match[0]
        try:
            text = json.loads(match[0], strict=False)
        except ValueError:
            return match[0]
        scrubbed_text = scrubber.whole(text)
        return match[0] if scrubbed_text == text else json.dumps(scrubbed_text, ensure_ascii="\\u" in match[0])

    return _TEXT.sub(clean, line)


def _is_json(line: str) -> bool:
    try:
        json.loads(line, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _in_quotes(match: re.Match[str]) -> str:
    """A text of JSON as it is; in quotes the mark of what was a number or a list, so that the line stays JSON."""
    return match[0] if match[0].startswith('"') else f'"{match[0]}"'


def _wholes(lines: Iterable[str]) -> Iterator[str]:
    """The lines; those of a PEM block as one text, as far as it is closed."""
    block: list[str] = []
    for line in lines:
        if block or (_BEGIN in line and _END not in line):
            block.append(line)
            if _END not in line and len(block) < _LONGEST_KEY:
                continue
            line = "\n".join(block)
            block = []
        yield line
    if block:
        yield "\n".join(block)
