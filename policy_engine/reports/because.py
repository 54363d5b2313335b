"""Why an error is what it is, as a page shows it: what matched, and where that stands in the message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policy_engine.classify.explanation import Explanation
from policy_engine.match.explanation import KeyFinding, what_held

_ROOMS = {"exception": "type of error", "exception_name": "name of the type", "not": "must not be there"}
_TESTS = {"regex": "fits the pattern", "starts_with": "starts with", "ends_with": "ends with"}


class Part(NamedTuple):
    """A piece of a message, and whether a rule matched on it."""

    text: str
    marked: bool


def held(explanation: Explanation) -> list[KeyFinding]:
    """The keys that held, of the rule that decided; of a combination, those inside it."""
    return [] if explanation.matched is None else list(what_held(explanation.matched.keys))


def label(key: KeyFinding) -> str:
    """What a key of the match language looks at, for somebody who does not know that language."""
    room, _, test = key.key.partition(".")
    if room in ("attributes", "context"):
        return f"{'attribute' if room == 'attributes' else room} {test}"
    return f"{_ROOMS.get(room, room)} {_TESTS.get(test, test)}".strip()


def marked(message: str, explanation: Explanation) -> list[Part]:
    """The message in pieces: what message keys found is marked."""
    places = sorted(_places(message, [key.found for key in held(explanation) if key.key.startswith("message")]))
    parts: list[Part] = []
    end = 0
    for start, stop in places:
        if start >= end:
            parts += [Part(message[end:start], marked=False), Part(message[start:stop], marked=True)]
            end = stop
    return [part for part in [*parts, Part(message[end:], marked=False)] if part.text]


def _places(message: str, found: Sequence[str]) -> Iterator[tuple[int, int]]:
    for text in found:
        start = message.find(text) if text else -1
        if start >= 0:
            yield start, start + len(text)
