"""A policy's match tables with what plugins' matchers they ask: each bound to its parameters, once, at compile.

Such a matcher is foreign code on the failing thread. It is shown the error as an `ErrorInfo`, and never unscrubbed. One
that raises does not match, and the error that is being matched carries the fault away for its owner to tell. An error
that comes out of a matcher meets none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import replace
from typing import Any, Protocol

from policy_engine.lint.parts import match_tables
from policy_engine.match import Asked
from policy_engine.model import ErrorInfo, FrozenDict, Occurrence, frozen
from policy_engine.sealing import Scrubs, scrub, seal

_matching: ContextVar[bool] = ContextVar("policy_engine_matching", default=False)


class Matches(Protocol):
    """A matcher, as a plugin brings it."""

    @property
    def matches(self) -> Callable[[ErrorInfo, Mapping[str, object]], bool]:
        """Is given the error and the table's parameters; tells whether the error is one of those."""


def bind_matchers(data: Mapping[str, Any], matchers: Mapping[str, Matches], scrubber: Scrubs) -> Mapping[str, Any]:
    """Return the policy's data with each matcher that a match table names bound to its parameters there."""
    bound = deepcopy(dict(data))
    for table in match_tables(bound):
        if "plugin" in table.value:
            table.value["plugin"] = {
                name: _asked(name, matchers[name], parameters, scrubber)
                for name, parameters in table.value["plugin"].items()
            }
    return bound


def _asked(name: str, matcher: Matches, parameters: Mapping[str, object], scrubber: Scrubs) -> Asked:
    given = FrozenDict({key: frozen(value) for key, value in parameters.items()})

    def holds(occurrence: Occurrence) -> bool:
        if _matching.get():
            return False
        token = _matching.set(True)
        try:
            return _answer(matcher.matches(_shown(occurrence, scrubber), given))
        except Exception as error:  # noqa: BLE001  whatever a plugin does, the error being handled goes on
            occurrence.faults = (*occurrence.faults, (f'the matcher "{name}"', error))
            return False
        finally:
            _matching.reset(token)

    return Asked(name, given, holds)


def _answer(given: object) -> bool:
    if not isinstance(given, bool):
        raise TypeError(f"it gave a {type(given).__name__}, not true or false")
    return given


def _shown(occurrence: Occurrence, scrubber: Scrubs) -> ErrorInfo:
    """The error as far as it is known at this point of its way."""
    if not occurrence.scrubbed:
        # What asks on behalf of a retry or a breaker looks at the exception itself; a plugin never does.
        occurrence = replace(occurrence)
        scrub(occurrence, scrubber)
    return seal(occurrence, level="", recovery_status=None, recovery_id=None, handling_seconds=0.0)
