"""What the interpreter knows of an exception's name: its MRO, where the standard library defines it.

Only modules of the standard library are imported, and of these none that does something when imported; a name is looked
up, never executed. Names come from recorded files, so what is remembered is bounded.
"""

from __future__ import annotations

import importlib
import sys
import warnings

from policy_engine.model import short_name

_MAX_REMEMBERED = 8192
# Importing these opens a browser, prints a poem, or starts a program with windows.
_NOT_IMPORTED = frozenset({"antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "lib2to3", "test"})

_remembered: dict[str, tuple[str, ...]] = {}


def mro_of(name: str) -> tuple[str, ...]:
    """Return the names of an exception class's MRO, ``name`` first; ``(name,)`` where the standard library has none."""
    known = _remembered.get(name)
    if known is None:
        if len(_remembered) >= _MAX_REMEMBERED:
            _remembered.clear()
        known = _remembered[name] = _looked_up(name)
    return known


def class_of(name: str) -> type[BaseException] | None:
    """Return the standard library's exception class of that name; ``None`` where it has none."""
    parts = name.removeprefix("exceptions.").split(".")  # where Python 2 kept its builtins
    return _class_at(["builtins", *parts] if len(parts) == 1 else parts)


def _looked_up(name: str) -> tuple[str, ...]:
    if not name:
        return ()
    kind = class_of(name)
    if kind is None:
        return (name,)
    names = tuple(short_name(f"{each.__module__}.{each.__qualname__}") for each in kind.__mro__ if each is not object)
    return names if name in names else (name, *names)


def _class_at(parts: list[str]) -> type[BaseException] | None:
    found: object = _module_at(parts)
    if found is None:
        return None
    depth = str(found.__name__).count(".") + 1 if isinstance(found, type(sys)) else 0
    for part in parts[depth:]:
        found = vars(found).get(part) if isinstance(found, type(sys) | type) else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _module_at(parts: list[str]) -> object:
    """The longest leading part of a dotted name that is a module of the standard library."""
    if parts[0] not in sys.stdlib_module_names or parts[0] in _NOT_IMPORTED:
        return None
    found: object = None
    for length in range(1, len(parts)):
        dotted = ".".join(parts[:length])
        if not all(part.isidentifier() and not part.startswith("__") for part in parts[:length]):
            break
        if found is not None and not hasattr(found, "__path__"):
            break
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # deprecated modules say so when imported
                found = importlib.import_module(dotted)
        except Exception:  # noqa: BLE001  a module that this platform lacks; the name stays as it is
            break
    return found
