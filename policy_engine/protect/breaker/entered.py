"""Which breakers' ``with`` blocks a context is in, so that one breaker object serves many threads and tasks at once."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from policy_engine.protect.breaker.breaker import CircuitBreaker
    from policy_engine.protect.breaker.passage import BreakerPassage


class _Entry(NamedTuple):
    """One block that this context is in; ``outer`` is the one around it."""

    breaker: CircuitBreaker
    passage: BreakerPassage
    outer: _Entry | None


_entered: ContextVar[_Entry | None] = ContextVar("policy_engine_breakers", default=None)


def push(breaker: CircuitBreaker, passage: BreakerPassage) -> None:
    """Note that this context has entered a block of ``breaker``."""
    _entered.set(_Entry(breaker, passage, _entered.get()))


def pop(breaker: CircuitBreaker) -> BreakerPassage | None:
    """Take the innermost passage of ``breaker``; interleaved generators may leave others above it.

    ``None`` where the block is left in another context than it was entered in.
    """
    above: list[_Entry] = []
    entry = _entered.get()
    while entry is not None and entry.breaker is not breaker:
        above.append(entry)
        entry = entry.outer
    if entry is None:
        return None
    rest = entry.outer
    for other in reversed(above):
        rest = other._replace(outer=rest)
    _entered.set(rest)
    return entry.passage
