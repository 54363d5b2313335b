"""A log without its secrets, line by line, so that it can be shared. Nothing is cut; a key over many lines is one text.

Knows no formats: what a line hides is found by names and looks, as in any text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policy_engine.privacy.scrubber import Scrubber

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
        clean = scrubber.whole(text)
        yield Piece(clean, text.count("\n") + 1, clean != text)


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
