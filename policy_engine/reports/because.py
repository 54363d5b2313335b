"""Why an error is what it is, as a page shows it: what matched, marked in the message, and what was lacking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policy_engine.classify.explanation import Explanation
from policy_engine.match.explanation import KeyFinding


class Part(NamedTuple):
    """A piece of a message, and whether a rule matched on it."""

    text: str
    marked: bool


def held(explanation: Explanation) -> list[KeyFinding]:
    """The keys that held, of the rule that decided; of a combination, those inside it."""
    return [] if explanation.matched is None else list(_held(explanation.matched.keys))


def lacking(explanation: Explanation) -> list[KeyFinding]:
    """What the nearest rule lacked, where none matched; of several alternatives, the one that lacked the least."""
    return [] if explanation.nearest is None else list(_lacking(explanation.nearest.keys))


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


def _held(keys: Sequence[KeyFinding]) -> Iterator[KeyFinding]:
    for key in keys:
        if not key.parts:
            yield key
        elif key.key != "not":
            for part in key.parts:
                if part.held:
                    yield from _held(part.parts)


def _lacking(keys: Sequence[KeyFinding]) -> Iterator[KeyFinding]:
    for key in keys:
        if key.held:
            continue
        branches = [list(_lacking(part.parts)) for part in key.parts if not part.held]
        if branches:
            yield from min(branches, key=len)
        else:
            yield key


def _places(message: str, found: Sequence[str]) -> Iterator[tuple[int, int]]:
    for text in found:
        start = message.find(text) if text else -1
        if start >= 0:
            yield start, start + len(text)
