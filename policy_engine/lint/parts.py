"""Walking a policy: its match tables, conditions and steps, each with its path.

Knows where the language has them, not what they mean. A policy that its schema refuses is walked as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policy_engine.policy.document import Path

_MATCHES: tuple[Path, ...] = (
    ("rules", "*", "match"),
    ("severity", "adjust", "*", "match"),
    ("breakers", "*", "counts"),
    ("recovery", "strategies", "*", "match"),
    ("alerts", "routes", "*", "match"),
)
_CONDITIONS: tuple[Path, ...] = (
    ("severity", "adjust", "*", "when"),
    ("degradation", "triggers", "*", "when"),
    ("degradation", "triggers", "*", "release", "when"),
    ("degradation", "components", "*", "triggers", "*", "when"),
    ("degradation", "components", "*", "triggers", "*", "release", "when"),
)
_STEPS: tuple[Path, ...] = (
    ("recovery", "strategies", "*", "steps", "*"),
    ("recovery", "strategies", "*", "escalate", "*"),
    ("recovery", "strategies", "*", "verify"),
)
_NESTING = frozenset({"any", "all", "not"})


class Part(NamedTuple):
    """A piece of the policy at a path."""

    path: Path
    value: Any


def at(data: Any, pattern: Path) -> Iterator[Part]:
    """Yield the parts at a path in which ``"*"`` stands for every key or index."""
    parts = [Part((), data)]
    for step in pattern:
        parts = [inner for part in parts for inner in _within(part, step)]
    yield from parts


def strings(data: Any, pattern: Path) -> Iterator[Part]:
    """Yield the texts at a path, be each a text or an item of a list of them."""
    for part in at(data, pattern):
        yield from texts_of(part)


def texts_of(part: Part) -> Iterator[Part]:
    """Yield a text itself, or the texts in a list."""
    if isinstance(part.value, str):
        yield part
    elif isinstance(part.value, list):
        yield from (item for item in _within(part, "*") if isinstance(item.value, str))


def match_roots(data: Any) -> Iterator[Part]:
    """Yield every match table that stands in none."""
    for pattern in _MATCHES:
        yield from at(data, pattern)


def match_tables(data: Any) -> Iterator[Part]:
    """Yield every match table, those inside ``any``, ``all`` and ``not`` too."""
    for part in match_roots(data):
        yield from nested(part)


def conditions(data: Any) -> Iterator[Part]:
    """Yield every ``when`` table, those inside ``any``, ``all`` and ``not`` too."""
    for pattern in _CONDITIONS:
        for part in at(data, pattern):
            yield from nested(part)


def steps(data: Any) -> Iterator[Part]:
    """Yield every step of every recovery."""
    for pattern in _STEPS:
        yield from (part for part in at(data, pattern) if isinstance(part.value, dict))


def nested(part: Part) -> Iterator[Part]:
    """Yield a match table or condition, and those inside it."""
    if not isinstance(part.value, dict):
        return
    yield part
    # Most tables hold no others, and every one of thousands is asked several times.
    if _NESTING.isdisjoint(part.value):
        return
    for key in ("any", "all"):
        inside = part.value.get(key)
        for number, inner in enumerate(inside if isinstance(inside, list) else ()):
            yield from nested(Part((*part.path, key, number), inner))
    if "not" in part.value:
        yield from nested(Part((*part.path, "not"), part.value["not"]))


def _within(part: Part, step: str | int) -> Iterator[Part]:
    value = part.value
    if step == "*":
        inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        yield from (Part((*part.path, key), item) for key, item in inside)
    elif isinstance(value, Mapping) and step in value:
        yield Part((*part.path, step), value[step])
