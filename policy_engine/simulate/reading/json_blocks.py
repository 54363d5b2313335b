"""JSON objects that are printed over many lines, and arrays on one: put together, or taken apart, before they are read.

::

    {
        "body": "it failed",
        "severity_number": 17
    }

An object's lines are indented more than its braces. Whatever breaks that rule ends the block, and its lines are given
back as they came: they may be the source in a traceback. Bounded in lines and in characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

_MAX_LINES = 5000
_MAX_CHARACTERS = 1 << 20
_raw_decode = json.JSONDecoder().raw_decode


class JsonBlock:
    """The lines of one object, from its opening brace on."""

    __slots__ = ("_characters", "_margin", "complete", "lines")

    def __init__(self, line: str) -> None:
        """Begin with the line of the opening brace."""
        self.lines = [line]
        self.complete = False
        self._margin = line[: len(line) - len(line.lstrip())]
        self._characters = len(line)

    def takes(self, line: str) -> bool:
        """Take the next line, unless it is none of the object's."""
        inside = line[len(self._margin) :]
        if not line.startswith(self._margin) or len(self.lines) == _MAX_LINES or self._characters > _MAX_CHARACTERS:
            return False
        self.complete = inside.rstrip() in ("}", "},")
        if not (self.complete or inside[:1] in (" ", "\t", "")):
            return False
        self.lines.append(line)
        self._characters += len(line)
        return True

    @property
    def text(self) -> str:
        """The object as JSON."""
        return "\n".join(self.lines).rstrip().removesuffix(",").lstrip()


def opens_block(line: str) -> bool:
    """Whether an object over many lines may begin here."""
    return line.strip() == "{"


def objects_in_array(line: str) -> Iterator[str]:
    """The objects of an array that stands on one line, each as JSON; as far as the line goes, should it be cut."""
    at = 1
    while (at := _next_object(line, at)) >= 0:
        try:
            _, end = _raw_decode(line, at)
        except (ValueError, RecursionError):
            return
        yield line[at:end]
        at = end


def _next_object(line: str, at: int) -> int:
    while line[at : at + 1] in (" ", ","):
        at += 1
    return at if line[at : at + 1] == "{" else -1
