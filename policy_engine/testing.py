"""For a service's own tests: an engine in virtual time, what it did, and errors made to order.

::

    def test_a_reset_connection_is_retried(virtual_engine):
        info = virtual_engine.handle(make_error("httpx.ReadError", "connection reset by peer"))
        assert info.retryable

With pytest, the fixtures of `policy_engine.pytest_plugin` are there without an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TypeVar

from policy_engine.clock import VirtualClock
from policy_engine.compile import load_policy
from policy_engine.engine import Engine
from policy_engine.handler import ComprehensiveErrorHandler, set_error_handler
from policy_engine.model import Event
from policy_engine.simulate.policy_tests.faults import a_fault, exception_of

__all__ = ["CapturedEvents", "fresh_handler", "make_engine", "make_error"]

_Kind = TypeVar("_Kind")


def make_engine(policy: str | Path | Sequence[str | Path] | None = None, *, seed: int = 0, dry: bool = False) -> Engine:
    """Return an engine on a `VirtualClock`, which stands still until a test advances ``engine.clock``.

    It runs the policy at the path or paths, or the shipped one; ``dry`` lets it run no recovery action. A fault inside
    the engine's timers and workers is raised, not counted.

    Raises:
        PolicyError: the policy does not load.
    """
    return Engine(load_policy(policy), clock=VirtualClock(), random=Random(seed), dry=dry)  # noqa: S311  jitter


def make_error(
    exception: str,
    message: str = "",
    *,
    bases: Iterable[str] = (),
    cause: BaseException | None = None,
    **attributes: object,
) -> BaseException:
    """Return an exception that rules take for one of the class ``exception``, be it installed or not.

    ``bases`` are its base classes by name, nearest first; those of the standard library are known. One of the standard
    library is a real one: ``except`` catches it.
    """
    error = exception_of(a_fault(exception, message, bases=bases, attributes=attributes))
    error.__cause__ = cause
    return error


class CapturedEvents(list[Event]):
    """Everything that an engine published since this was made, in order."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.stop = engine.subscribe(self.append)
        """Capture no more."""

    def of(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the events of one class: ``events.of(BreakerChanged)``."""
        return [event for event in self if isinstance(event, kind)]


@contextmanager
def fresh_handler(engine: Engine | None = None) -> Iterator[ComprehensiveErrorHandler]:
    """Run the block with a module-level error handler of its own, around ``engine`` or a `make_engine`.

    `handle_error`, `get_error_handler` and functions decorated at import follow it; afterwards the one before is back.
    """
    handler = ComprehensiveErrorHandler(make_engine() if engine is None else engine)
    before = set_error_handler(handler)
    try:
        yield handler
    finally:
        set_error_handler(before)
