"""A match table as a formula over places: what it asks of the message, of the classes, of each attribute.

Places are independent of each other, so a formula can be satisfied when it can be at each place by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from policy_engine.match.asked import parameters_of
from policy_engine.match.containment.texts import Words
from policy_engine.match.containment.values import value_tests
from policy_engine.match.matcher import Matcher, compile_matcher
from policy_engine.match.values import as_list
from policy_engine.model import Occurrence, short_name


class Place(NamedTuple):
    """Where a test looks: the key of the match language, and the name of the attribute or context value."""

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """One test at one place."""

    place: Place
    test: Any


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """Holds when all parts do."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Any_:  # noqa: N801  the counterpart of All, which typing's Any would hide
    """Holds when one part does."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """Holds when its part does not."""

    part: Formula


Formula = Literal | All | Any_ | Not


class Classes(NamedTuple):
    """One of these names stands on the MRO."""

    names: frozenset[str]


@dataclass(frozen=True, eq=False)
class SomeName:
    """One name on the MRO is like this: the table, and what it asks of that name."""

    table: Any
    asked: Formula

    @cached_property
    def _matcher(self) -> Matcher:
        return compile_matcher({"exception_name": self.table})

    def holds(self, name: str) -> bool:
        """Whether ``name`` is like this."""
        return self._matcher(Occurrence(type=name, mro=(name,), message=""))


class SomeCause(NamedTuple):
    """One cause is all of this."""

    asked: Formula


class SomeTag(NamedTuple):
    """One tag is like this."""

    asked: Formula


NAME = Place("exception_name")
TAG = Place("tag")


def formula(table: Mapping[str, Any]) -> Formula:
    """Return what a schema-valid match table, or the table of a cause, asks."""
    return All(tuple(_of_key(key, spec) for key, spec in table.items()))


def _of_key(key: str, spec: Any) -> Formula:
    if key in ("any", "all"):
        parts = tuple(map(formula, spec))
        return Any_(parts) if key == "any" else All(parts)
    if key == "not":
        return Not(formula(spec))
    if key == "exception":
        return Literal(Place("names"), Classes(frozenset(map(short_name, as_list(spec)))))
    if key == "exception_name":
        return Literal(Place("names"), SomeName(spec, _of_text(NAME, spec)))
    if key == "message":
        return _of_text(Place("message"), spec)
    if key == "cause":
        return Literal(Place("causes"), SomeCause(formula(spec)))
    if key == "tags":
        return Literal(Place("tags"), SomeTag(_of_value(TAG, spec)))
    if key in ("attributes", "context"):
        return All(tuple(_of_value(Place(key, name), value) for name, value in spec.items()))
    if key == "plugin":
        return All(tuple(_foreign(key, (name, parameters_of(given))) for name, given in spec.items()))
    return _foreign(key, spec) if key == "expr" else _of_value(Place(key), spec)


def _foreign(key: str, asked: object) -> Literal:
    """What other code decides: only the same question has the same answer, so that each has a place of its own."""
    return Literal(Place(key, repr(asked)), asked)


def _of_text(place: Place, spec: Any) -> Formula:
    table = spec if isinstance(spec, Mapping) else {"equals": spec}
    return All(tuple(Literal(place, _words(key, value)) for key, value in table.items()))


def _words(key: str, value: Any) -> Words:
    words = tuple(map(str, as_list(value)))
    # A pattern stays as it is: lower case would change what it means.
    return Words(key, words if key == "regex" else tuple(word.lower() for word in words), folded=True)


def _of_value(place: Place, spec: Any) -> Formula:
    return All(tuple(Literal(place, test) for test in value_tests(spec)))
