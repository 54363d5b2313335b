"""A program's own recovery function as a strategy: for an exception type, one call at a time, within a wide limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy_engine.callables import name_of
from policy_engine.model import ErrorInfo, short_name
from policy_engine.recover.actions import Action, ActionContext, Outcome
from policy_engine.recover.options import Intensity, Step, Strategy

RecoveryFunction = Callable[[ErrorInfo], Any]
"""Plain or asynchronous: false or an exception is a failure."""

REGISTERED_INTENSITY = Intensity(60, 60.0)
"""Wide enough for any recovery that works; a connection that closes as soon as it is made would spin without it."""


def strategy_of(exception_type: type[BaseException], function: RecoveryFunction, name: str | None) -> Strategy:
    """Return the strategy whose only step calls ``function``."""
    name = name or f"{name_of(function)[1].rpartition('.')[2]} for {exception_type.__qualname__}"

    def run(context: ActionContext) -> Outcome:
        outcome: Outcome = function(context.info)
        return outcome

    return Strategy(name, steps=(Step(Action(name, run), {}),), intensity=REGISTERED_INTENSITY)


def type_key(exception_type: object) -> str:
    """Return the name under which an MRO has the type.

    Raises:
        TypeError: it is no exception class.
    """
    if not (isinstance(exception_type, type) and issubclass(exception_type, BaseException)):
        raise TypeError(f"register_strategy takes an exception class first, not {exception_type!r}")
    return short_name(f"{exception_type.__module__}.{exception_type.__qualname__}")
