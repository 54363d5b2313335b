"""The scrubbing of nested values: what comes out is JSON-ready, bounded and without secrets.

Every entry that is shown counts against one budget, so that neither depth nor width can make a walk long; what is left
out is counted in a note that takes the place of one entry. A scrubbed value scrubbed again is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import count, islice
from typing import Any, TypeVar

from policy_engine.privacy.containers import Entry, opened
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.leaves import Leaf, Leaves
from policy_engine.privacy.marks import CYCLE, MARKER, REST, cut_items
from policy_engine.privacy.objects import enum_value, is_a
from policy_engine.privacy.prose import is_identifier

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

_T = TypeVar("_T")

_ENTRIES_IN_ALL = 16
"""How many times the width bound one value may show in all."""

_PAIR = 2
_NAMED_BY = ("name", "key", "header", "field", "Name", "Key")
NAMED_VALUES = ("value", "Value")


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of one value is shown, and whether pseudonyms can be made: without a key, their fields are left out."""

    items: int
    depth: int
    has_key: bool


class Walk:
    """The walk through one value: its budget, and the collections it is inside of."""

    __slots__ = ("_inside", "_leaves", "_left", "_rules", "_shape")

    def __init__(self, leaves: Leaves, rules: FieldRules, shape: Shape) -> None:
        self._leaves = leaves
        self._rules = rules
        self._shape = shape
        self._left = shape.items * _ENTRIES_IN_ALL
        self._inside: list[int] = []

    def value(self, value: object, *, listed: bool = False) -> Json:
        """Return what is shown of ``value``; ``listed`` where it is an item of a list."""
        if is_a(value, Enum):
            inner = enum_value(value)
            return self._leaves.name(value) if is_a(inner, Enum) else self.value(inner)
        collection = opened(value)
        if collection is None:
            return self._leaves.show(value)
        if id(value) in self._inside:
            return CYCLE
        shown, more = self._take(collection.size)
        if more and not shown:
            return cut_items(more)
        self._inside.append(id(value))
        entries = collection.entries
        if entries is not None:
            out: Json = self._mapping(entries, shown, more)
        else:
            items = _first(collection.items, shown)
            pair = self._pair(items, may_be_names=is_a(value, list) and not listed)
            out = self._list(items, more) if pair is None or more else pair
        self._inside.pop()
        return out

    def inside(self, value: dict[Any, Any]) -> Walk:
        """Begin inside a mapping whose entries are shown one by one with `field`."""
        self._left -= len(value)
        self._inside.append(id(value))
        return self

    def _take(self, size: int) -> tuple[int, int]:
        """Reserve room for a collection's entries: how many are shown, and how many its note counts."""
        room = min(size, self._shape.items, self._left) if len(self._inside) <= self._shape.depth else 0
        self._left -= room
        shown = room if room == size else max(room - 1, 0)
        return shown, size - shown

    def _list(self, items: list[object], more: int) -> list[Json]:
        out = [self.value(item, listed=True) for item in items]
        return [*out, cut_items(more)] if more else out

    def _pair(self, items: list[object], *, may_be_names: bool) -> list[Json] | None:
        """A field's name and its value, as headers are kept; ``None`` for other lists, and for one of two names."""
        if len(items) != _PAIR or (name := self._leaves.text_of(items[0])) is None:
            return None
        if may_be_names and type(items[1]) is str and is_identifier(items[1]):
            return None
        shown, action = self._named(name, str(self._leaves.show(items[0])))
        return None if action is Action.KEEP else [shown, self.field(items[1], action)]

    def _mapping(self, entries: Iterable[Entry], shown: int, more: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value, may_show in _first(entries, shown):
            key, action = self._key(name)
            if action is Action.PSEUDONYM and not self._shape.has_key:
                continue
            out[_unused(key, out)] = self.field(value, action if may_show else Action.MASK)
        self._mask_named_value(out)
        if more:
            out[_unused(REST, out)] = f"{more} more"
        return out

    def _key(self, name: object) -> tuple[str, Action]:
        """Return how an entry is called, and what its name asks for."""
        text = self._leaves.text_of(name)
        if text is None:
            return str(self._leaves.show(name)), Action.KEEP
        return self._named(text, self._leaves.scrub_key(text))

    def _named(self, name: str, shown: str) -> tuple[str, Action]:
        """Return the name as it is shown, and what it asks for, before or after it was scrubbed."""
        action = self._rules.decide(name)
        if shown != name and action in (Action.KEEP, Action.WEIGH):
            after = self._rules.decide(shown)
            action = action if after is Action.KEEP else after
        return shown, action

    def field(self, value: object, action: Action) -> Json:
        """Return what is shown of the value of a field whose name asks for ``action``."""
        if action is Action.KEEP:
            return self.value(value)
        if action is Action.WEIGH:
            shown = self.value(value)
            return MARKER if self._leaves.is_random(shown) else shown
        if action is Action.PSEUDONYM and (is_a(value, list) or is_a(value, tuple) or is_a(value, set)):
            return self._pseudonyms(value)
        return self._leaves.show_secret(value, action)

    def _pseudonyms(self, value: list[object] | tuple[object, ...] | set[object]) -> list[Leaf]:
        items = _first(_items_of(value), self._shape.items + 1)
        shown, more = self._take(len(items))
        out = [self._leaves.show_secret(item, Action.PSEUDONYM) for item in items[:shown]]
        return [*out, cut_items(more)] if more else out

    def _mask_named_value(self, out: dict[str, Any]) -> None:
        """Mask ``{"name": "Authorization", "value": ...}``, where the field's name is itself a value."""
        held = next((key for key in NAMED_VALUES if key in out), None)
        if held is None:
            return
        names = (out.get(key) for key in _NAMED_BY)
        if any(type(name) is str and self._rules.decide(name) is Action.MASK for name in names):
            out[held] = self._leaves.show_secret(out[held], Action.MASK)


def _first(items: Iterable[_T], most: int) -> list[_T]:
    """The first ``most`` items; none of a collection that another thread changes at this moment."""
    try:
        return list(islice(items, most))
    except RuntimeError:
        return []


def _unused(key: str, out: dict[str, Any]) -> str:
    """The key, numbered where another entry already has it: two addresses, both masked."""
    if key not in out:
        return key
    return next(numbered for number in count(2) if (numbered := f"{key} ({number})") not in out)


def _items_of(value: object) -> Iterable[object]:
    collection = opened(value)
    return () if collection is None else collection.items
