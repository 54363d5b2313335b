"""Which earlier rules could take all that a later one takes: found by what both ask for, without comparing any two.

A table can only contain another that asks for something of what it asks for itself: a class above, a word within, the
same place. Missing a rival costs a finding; it never makes a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ahocorasick_rs import AhoCorasick

from policy_engine.lint.ranges import Ranges, asked_ranges, held_numbers
from policy_engine.match.ancestry import ancestors
from policy_engine.match.regex import required_literals
from policy_engine.match.values import as_list
from policy_engine.model import short_name

Token = tuple[str, Any]
"""A kind, and of that kind a text, a range, or a number with its place."""

_TEXTS = ("equals", "contains", "starts_with", "ends_with")
_COMBINED = frozenset({"any", "all", "not"})
_IN_WORDS = frozenset({"message", "exception_name"})
"""Kinds of tokens that stand within texts; ranges have numbers in them; all others are equal or different."""

_NO_PLACES = _COMBINED | _IN_WORDS | {"exception"}
"""Keys with tokens of their own."""


class Rivals:
    """A policy's rules by what they ask for, in the order of their numbers."""

    def __init__(self, tables: Mapping[int, Mapping[str, Any]]) -> None:
        self._by_token: dict[Token, list[int]] = {}
        self._always: list[int] = []
        for number, table in tables.items():
            tokens = set(_asked(table))
            if not tokens or not all(text for _, text in tokens):
                self._always.append(number)
            for token in tokens:
                self._by_token.setdefault(token, []).append(number)
        self._in_words = {kind: self._found_in_text(kind) for kind in _IN_WORDS}
        self._ranges = Ranges(asked for kind, asked in self._by_token if kind == "range")

    def before(self, number: int, table: Mapping[str, Any]) -> list[int]:
        """Return the numbers below ``number`` of the rules that are worth comparing with ``table``, in order."""
        return sorted(each for each in self._of(table).union(self._always) if each < number)

    def _found_in_text(self, kind: str) -> Callable[[str], Iterator[list[int]]]:
        """A function that yields the rules by each of their words that stands in a text."""
        rules = {text: numbers for (of_kind, text), numbers in self._by_token.items() if of_kind == kind and text}
        if not rules:
            return lambda _: iter(())
        numbers, find = list(rules.values()), AhoCorasick(rules).find_matches_as_indexes
        return lambda text: (numbers[word] for word, _, _ in find(text, overlapping=True))

    def _of(self, table: Mapping[str, Any]) -> set[int]:
        found: set[int] = set()
        for alternatives in _held(table):
            found |= _common(map(self._asking_for, alternatives))
        if "any" in table:
            found |= _common(self._of(inner) for inner in table["any"])
        for inner in table.get("all", ()):
            found |= self._of(inner)
        return found

    def _asking_for(self, tokens: Iterable[Token]) -> set[int]:
        """Numbers of the rules that ask for one of ``tokens``, a word that stands in one, or a range around one."""
        found: set[int] = set()
        for token in tokens:
            if token[0] in _IN_WORDS:
                found.update(*self._in_words[token[0]](token[1]))
            elif token[0] == "number":
                found.update(*(self._by_token["range", each] for each in self._ranges.around(*token[1])))
            elif token in self._by_token:
                found.update(self._by_token[token])
        return found


def _asked(table: Mapping[str, Any]) -> Iterator[Token]:
    """Yield what a container asks for, the most telling of it: one of these stands in all that it contains."""
    equal = next(_equal_values(table), None)
    ranged = next(asked_ranges(table), None)
    if "message" in table:
        yield from _asked_of_message(table["message"])
    elif equal is not None:
        yield from equal
    elif ranged is not None:
        yield "range", ranged
    elif "exception" in table and (alternatives := _asked_of_alternatives(table)):
        yield from alternatives
    elif "exception" in table:
        yield from (("class", short_name(name)) for name in as_list(table["exception"]))
    elif "exception_name" in table:
        yield from _words("exception_name", table["exception_name"])
    elif table.keys() - _COMBINED:
        yield _places(table)[0]
    else:
        for inner in table.get("any", table.get("all", [])[:1]):
            yield from _asked(inner)


def _asked_of_alternatives(table: Mapping[str, Any]) -> list[Token]:
    """What a table's alternatives ask for, if each tells more than a class: many rules may share one."""
    asked = [list(_asked(inner)) for inner in table.get("any", ())]
    tokens = [token for each in asked for token in each]
    return tokens if all(asked) and all(kind not in ("class", "place") for kind, _ in tokens) else []


def _asked_of_message(spec: Any) -> Iterator[Token]:
    if isinstance(spec, Mapping) and "regex" in spec:
        # No message but one that is asked for the same pattern is known to hold it.
        yield from (("regex", pattern) for pattern in as_list(spec["regex"]))
    else:
        yield from _words("message", spec)


def _common(sets: Iterable[set[int]]) -> set[int]:
    """What stands in all sets; those behind an empty result are not even made."""
    common: set[int] | None = None
    for each in sets:
        common = each if common is None else common & each
        if not common:
            break
    return common or set()


def _held(table: Mapping[str, Any]) -> Iterator[Sequence[Iterable[Token]]]:
    """Yield for each key what it brings, one by one of the alternatives that it leaves open."""
    for place in _places(table):
        yield [(place,)]
    yield from ([[value] for value in values] for values in _equal_values(table))
    yield from ([[("number", number)] for number in numbers] for numbers in held_numbers(table))
    for kind in _IN_WORDS & table.keys():
        spec = table[kind]
        for key, value in (spec if isinstance(spec, Mapping) else {"equals": spec}).items():
            yield [_words(kind, {key: word}) for word in as_list(value)]
    if "exception" in table:
        yield [list(_of_class(short_name(name))) for name in as_list(table["exception"])]


def _of_class(name: str) -> Iterator[Token]:
    for above in ancestors(name):
        yield "class", above
        yield "exception_name", above.lower()


def _words(kind: str, spec: Any) -> Iterator[Token]:
    for key, value in (spec if isinstance(spec, Mapping) else {"equals": spec}).items():
        for text in as_list(value):
            if key in _TEXTS:
                yield kind, str(text).lower()
            else:
                yield "regex", text
                yield from ((kind, literal) for literal in required_literals(text) or () if literal)


def _equal_values(table: Mapping[str, Any]) -> Iterator[list[Token]]:
    """Yield for each attribute and context value that must equal something what it may equal."""
    for key in ("attributes", "context"):
        for name, value in table.get(key, {}).items():
            if not isinstance(value, Mapping):
                yield [("value", f"{key}.{name}={each!r}") for each in as_list(value)]


def _places(table: Mapping[str, Any]) -> list[Token]:
    places: list[Token] = []
    for key, value in table.items():
        if key in ("attributes", "context"):
            places += [("place", f"{key}.{name}") for name in value]
        elif key not in _NO_PLACES:
            places.append(("place", key))
    return places
