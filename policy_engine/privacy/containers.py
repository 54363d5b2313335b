"""Opening collections and declared objects for reading, by the built-ins' own methods.

Knows no secrets and no bounds. What a subclass overrides is never called.
"""

from __future__ import annotations

import gc
import types
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from policy_engine.privacy.objects import declared_fields, is_a, tuple_fields

Entry = tuple[object, object, bool]
"""A field's name, its value, and whether its class lets it be shown."""


class Opened(NamedTuple):
    """A collection's size, and its entries (of a mapping or an object) or its items, one of the two."""

    size: int
    entries: Iterable[Entry] | None
    items: Iterable[object]


def opened(value: object) -> Opened | None:
    """Open a collection; ``None`` where ``value`` is none."""
    if type(value) is types.MappingProxyType:
        value = gc.get_referents(value)[0]  # its own methods would call those of the mapping it wraps
    if is_a(value, dict):
        return Opened(dict.__len__(value), ((key, item, True) for key, item in dict.items(value)), ())
    if is_a(value, list):
        return Opened(list.__len__(value), None, list.__iter__(value))
    if is_a(value, tuple):
        return _opened_tuple(value)
    if is_a(value, set):
        return Opened(set.__len__(value), None, set.__iter__(value))
    if is_a(value, frozenset):
        return Opened(frozenset.__len__(value), None, frozenset.__iter__(value))
    if is_a(value, deque):
        return Opened(deque.__len__(value), None, deque.__iter__(value))
    return _opened_object(value)


def _opened_tuple(value: tuple[object, ...]) -> Opened:
    names = tuple_fields(type(value))
    size = tuple.__len__(value)
    if names is None or len(names) != size:
        return Opened(size, None, tuple.__iter__(value))
    return Opened(size, ((name, item, True) for name, item in zip(names, tuple.__iter__(value), strict=True)), ())


def _opened_object(value: object) -> Opened | None:
    fields = declared_fields(value)
    return None if fields is None else Opened(len(fields), fields, ())
