"""Errors made to order: as the engine sees one, and as an exception that a protected call can raise.

An exception that no test environment has installed is stood in for by a class of the same name and bases; one of the
standard library is a subclass of the real one. Its text is its message, whatever the real class makes of its arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from policy_engine.model import Cause, Occurrence, short_name
from policy_engine.simulate.formats.standard_types import class_of, mro_of

_ROOTS = ("Exception", "BaseException")
_TEXT = "_policy_engine_text"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: an exception's type with its bases, message and attributes, and the ones behind it."""

    type: str
    mro: tuple[str, ...] = field()  # without field(), the method type.mro would pass for a default
    message: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    causes: tuple[Fault, ...] = ()


def a_fault(
    exception: str,
    message: str = "",
    *,
    bases: Iterable[str] = (),
    attributes: Mapping[str, object] | None = None,
    causes: Iterable[Fault] = (),
) -> Fault:
    """Return the fault; bases that the standard library knows of need not be given."""
    return Fault(short_name(exception), _mro(exception, bases), message, dict(attributes or {}), tuple(causes))


def fault_of(table: Mapping[str, Any]) -> Fault:
    """Return what a test's table of an error describes."""
    causes = table.get("cause", [])
    return a_fault(
        table.get("exception", ""),
        table.get("message", ""),
        bases=table.get("mro", ()),
        attributes=table.get("attributes"),
        causes=map(fault_of, causes if isinstance(causes, list) else [causes]),
    )


def occurrence_of(fault: Fault, **fields: Any) -> Occurrence:
    """Return the error as the engine sees it; ``fields`` are the rest of the `Occurrence`."""
    causes = tuple(Cause(each.type, each.mro, each.message, each.attributes, "cause") for each in fault.causes)
    return Occurrence(fault.type, fault.mro, fault.message, attributes=fault.attributes, causes=causes, **fields)


def exception_of(fault: Fault) -> BaseException:
    """Return a new exception, its causes behind it one after the other."""
    error = behind = _made(fault)
    for cause in map(_made, fault.causes):
        behind.__cause__ = cause
        behind = cause
    return error


def _mro(name: str, bases: Iterable[str]) -> tuple[str, ...]:
    if not name:
        return ()
    given = (short_name(name), *map(short_name, bases))
    names = dict.fromkeys(each for one in given for each in mro_of(one) if each not in _ROOTS)
    return (*names, *(root for root in _ROOTS if root == _ROOTS[1] or _has_exception(given)))


def _has_exception(given: Iterable[str]) -> bool:
    """Whether `Exception` is among the bases: only a few classes of the interpreter have `BaseException` alone."""
    known = [mro for mro in map(mro_of, given) if _ROOTS[1] in mro]
    return not known or any(_ROOTS[0] in mro for mro in known)


def _made(fault: Fault) -> BaseException:
    kind = _class_named(fault.mro or _ROOTS)
    if issubclass(kind, BaseExceptionGroup):
        error: BaseException = kind(fault.message, [Exception(fault.message)])
    else:
        error = kind(fault.message)
    error.__dict__.update(fault.attributes)
    error.__dict__[_TEXT] = fault.message
    return error


@lru_cache(maxsize=1024)
def _class_named(names: tuple[str, ...]) -> type[BaseException]:
    found = {name: class_of(name) for name in names}
    real = [kind for kind in found.values() if kind is not None]
    bases = tuple(kind for kind in real if not any(each is not kind and issubclass(each, kind) for each in real))
    for name in reversed(names[1:]):
        if found[name] is None:
            bases = (_subclass(name, bases),)
    return _subclass(names[0], bases)


def _subclass(name: str, bases: tuple[type[BaseException], ...]) -> type[BaseException]:
    module, _, qualified = name.rpartition(".")
    body = {"__module__": module or "builtins", "__qualname__": qualified, "__init__": _keep_nothing, "__str__": _text}
    try:
        return type(qualified, bases, body)
    except TypeError:
        # Some of the interpreter's own classes cannot be bases of one class; the first one decides most.
        return type(qualified, bases[:1], body)


def _keep_nothing(self: BaseException, *arguments: object) -> None:
    """The real class may want arguments that nobody knows here."""


def _text(self: BaseException) -> str:
    return str(self.__dict__.get(_TEXT, ""))
