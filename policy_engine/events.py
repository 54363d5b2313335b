"""Who hears what the engine did: subscribers, isolated from each other and from the engine.

A subscriber runs on the thread that published, after every lock is released. One that raises is counted and reported
once a publication as an `EngineFault`, to the others and to the log; a fault while reporting a fault is counted alone.
The log hears of the first, second, fourth ... fault of one kind, so that a storm of errors is not doubled.
"""

from __future__ import annotations

import inspect
import logging
from collections import Counter
from collections.abc import Callable

from policy_engine.model import EngineFault, Event

Subscriber = Callable[[Event], object]


_log = logging.getLogger("policy_engine")


class EventBus:
    """Publishes events to subscribers, in the order in which they came."""

    def __init__(self, now: Callable[[], float], scrub: Callable[[str], str] = str) -> None:
        """``now`` gives seconds since 1970; ``scrub`` takes secrets out of what is told of a fault."""
        self._now = now
        self._scrub = scrub
        self._subscribers: tuple[Subscriber, ...] = ()
        self._react: tuple[Subscriber, ...] = ()
        self.faults = 0
        self._faults_of: Counter[str] = Counter()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every event from now on; the function returned ends that.

        Raises:
            TypeError: it cannot be called, or is asynchronous and would never run.
        """
        require_plain_function(subscriber)
        self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            self._subscribers = tuple(each for each in self._subscribers if each is not subscriber)

        return unsubscribe

    def react(self, reaction: Subscriber) -> None:
        """Call ``reaction`` with every event once all others have heard of it: causes are told before effects."""
        self._react = (*self._react, reaction)

    def publish(self, event: Event) -> None:
        """Tell every subscriber; never raises an ordinary exception."""
        for subscriber in (*self._subscribers, *self._react):
            try:
                subscriber(event)
            except Exception as error:  # noqa: BLE001  a subscriber's error must not reach the others
                self._subscriber_failed(event, error)

    def fault(self, where: str, error: BaseException) -> None:
        """Report that error handling itself met an error."""
        self.faults += 1
        described = self._described(error)
        self._faults_of[where] += 1
        if self._faults_of[where].bit_count() == 1:
            _log.warning("error inside error handling, in %s: %s", where, " ".join(described.split()))
        self.publish(EngineFault(self._now(), where, described))

    def _described(self, error: BaseException) -> str:
        try:
            return self._scrub(describe(error))
        except Exception:  # noqa: BLE001  what takes secrets out may be what failed
            return type(error).__name__

    def _subscriber_failed(self, event: Event, error: Exception) -> None:
        if isinstance(event, EngineFault):
            self.faults += 1
        else:
            self.fault("a subscriber or callback", error)


def describe(error: BaseException) -> str:
    """The error's type and text, whatever its ``__str__`` does."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001  the text of an error is foreign code too
        return f"{type(error).__name__} (its text cannot be shown)"


def require_plain_function(function: object) -> None:
    """Refuse what a subscriber or callback cannot be.

    Raises:
        TypeError: it cannot be called, or is asynchronous and would never run.
    """
    if not callable(function):
        raise TypeError(f"a callback must be a function, not {type(function).__name__}")
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"a callback must be a plain function: {function!r} is asynchronous, and nobody would await it")
