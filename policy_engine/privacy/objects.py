"""Reading foreign objects without running their code.

No `repr`, no `str`, no property, no `__getattr__`: only the type's name, and the values of fields that a dataclass, an
attrs or a pydantic class declares, taken from the instance's own dictionary or slots by their C descriptors. Any of
these could be faked by a hostile class, so nothing here trusts a class further than its C layout.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import NamedTuple, TypeGuard, TypeVar

_T = TypeVar("_T")

_MRO = type.__dict__["__mro__"]
_NAMESPACE = type.__dict__["__dict__"]
_MODULE = type.__dict__["__module__"]
_QUALNAME = type.__dict__["__qualname__"]
_MISSING = object()
_LONGEST_NAME = 200
_FIELDS_BY_NAME = ("__dataclass_fields__", "__pydantic_fields__", "model_fields", "__fields__")


class DeclaredField(NamedTuple):
    """A field's name, its value, and whether its class wants it shown (``field(repr=False)`` does not)."""

    name: str
    value: object
    shown: bool


def is_a(value: object, kind: type[_T]) -> TypeGuard[_T]:
    """Whether the type of ``value`` is ``kind`` or a subclass; `isinstance` would ask a foreign ``__class__``."""
    return issubclass(type(value), kind)


def type_name(kind: type) -> str:
    """``<module.QualName>`` of a type, from the type itself."""
    module = _MODULE.__get__(kind)
    qualified = _QUALNAME.__get__(kind)
    name = f"{module}.{qualified}" if type(module) is str else f"{qualified}"
    return f"<{name[:_LONGEST_NAME]}>"


def declared_fields(value: object) -> list[DeclaredField] | None:
    """The declared fields of a dataclass, attrs or pydantic object; ``None`` for any other."""
    kind = type(value)
    attributes = _in_class(kind, "__attrs_attrs__")
    if is_a(attributes, tuple):
        return _read(value, [(_of_instance(each, "name"), each) for each in tuple.__iter__(attributes)])
    for name in _FIELDS_BY_NAME:
        declared = _in_class(kind, name)
        if type(declared) is dict:
            return _read(value, declared.items())
    return None


def tuple_fields(kind: type) -> tuple[str, ...] | None:
    """The field names of a named tuple's class; ``None`` for a plain tuple's."""
    names = _in_class(kind, "_fields")
    if type(names) is tuple and all(type(name) is str for name in names):
        return names
    return None


def enum_value(value: object) -> object:
    """The value of an enum's member, from its own dictionary; ``None`` where it has none."""
    found = _of_instance(value, "_value_")
    return None if found is _MISSING else found


def _read(value: object, described: Iterable[tuple[object, object]]) -> list[DeclaredField]:
    fields = []
    for name, description in described:
        found = _of_instance(value, name) if type(name) is str else _MISSING
        if type(name) is str and found is not _MISSING:
            fields.append(DeclaredField(name, found, shown=_of_instance(description, "repr") is not False))
    return fields


def _in_class(kind: type, name: str) -> object:
    """What the classes of ``kind`` hold under ``name``, the nearest first, without asking a descriptor."""
    for base in _MRO.__get__(kind):
        found = _NAMESPACE.__get__(base).get(name, _MISSING)
        if found is not _MISSING:
            return found
    return _MISSING


def _of_instance(value: object, name: str) -> object:
    """The value of an attribute from the instance's dictionary or slot."""
    own = _in_class(type(value), "__dict__")
    if type(own) is types.GetSetDescriptorType:
        held = own.__get__(value)
        if type(held) is dict and name in held:
            return held[name]
    slot = _in_class(type(value), name)
    if type(slot) is not types.MemberDescriptorType:
        return _MISSING
    try:
        return slot.__get__(value)
    except AttributeError:  # a slot that was never filled
        return _MISSING
