"""Names of exception classes, looked up where they are defined: those that nothing defines, and those of aliases.

This imports what a policy names, so it runs only where somebody asks for it, in the environment of the service. An
error carries the name under which its class was defined: ``asyncio.TimeoutError`` is ``TimeoutError`` and matches
nothing.
"""

from __future__ import annotations

import builtins
import importlib
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from policy_engine.lint.parts import Part, match_tables, texts_of
from policy_engine.model import short_name
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema.wording import quoted, suggestion


class _Wrong(NamedTuple):
    code: str
    message: str
    help: str | None


def unresolved_exceptions(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each exception name that is no class, or that no error will ever carry."""
    for table in match_tables(document.data):
        cause = table.value.get("cause")
        tables = (table, Part((*table.path, "cause"), cause)) if isinstance(cause, dict) else (table,)
        for each in tables:
            for part in texts_of(Part((*each.path, "exception"), each.value.get("exception"))):
                wrong = _wrong_with(short_name(part.value))
                if wrong is not None:
                    span, file = document.locate(part.path), document.files[0].name
                    yield finding(wrong.code, wrong.message, span=span, file=file, help=wrong.help)


@lru_cache(maxsize=4096)
def _wrong_with(name: str) -> _Wrong | None:
    parts = name.split(".")
    module, rest = ("builtins", parts) if len(parts) == 1 else _module_of(parts)
    if module == "":
        return _Wrong("PE641", f'no module "{parts[0]}" can be imported here', "check its name, or install its package")
    found: object = importlib.import_module(module)
    for step in rest:
        if not hasattr(found, step):
            names = [each for each in dir(found) if _is_exception(getattr(found, each, None))]
            return _Wrong("PE641", f"{quoted(module)} has no {quoted(step)}", suggestion(step, names))
        found = getattr(found, step)
    if not isinstance(found, type) or not _is_exception(found):
        return _Wrong("PE641", f"{quoted(name)} is no exception class", None)
    real = short_name(f"{found.__module__}.{found.__qualname__}")
    if real != name:
        return _Wrong("PE642", f"no error is ever called {quoted(name)}: it is {quoted(real)}", f'write "{real}"')
    return None


def _module_of(parts: list[str]) -> tuple[str, list[str]]:
    """The longest leading part of a dotted name that is a module, and what is left; ``""`` where none is."""
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # deprecated modules say so when imported
                importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112  foreign code; the finding says that it cannot be imported
            continue
        return name, parts[length:]
    return "", parts


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, builtins.BaseException)
