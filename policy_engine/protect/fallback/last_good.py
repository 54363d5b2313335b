"""The last good results of a target, for each function and arguments; bounded, the longest unused goes first.

A call is looked up by its hash and compared afterwards: arguments are foreign code, which may call the target itself or
raise, and no lock is held while it runs. So of two calls with one hash the later is remembered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from policy_engine.forks import survives_fork
from policy_engine.protect.invocation import Invocation


class _Kept(NamedTuple):
    key: tuple[object, ...]
    at: float
    result: Any


class LastGoodResults:
    """Results no older than ``age`` seconds, of at most ``bound`` different calls."""

    __slots__ = ("__weakref__", "_age", "_bound", "_lock", "_results")

    def __init__(self, age: float, *, bound: int = 1000) -> None:
        self._age = age
        self._bound = bound
        self._lock = threading.Lock()
        survives_fork(self)
        self._results: OrderedDict[int, _Kept] = OrderedDict()

    def keep(self, call: Invocation, result: Any, now: float) -> None:
        """Keep a good result; a call whose arguments have no hash is not kept."""
        key = _key(call)
        number = _hash(key)
        if number is None:
            return
        with self._lock:
            self._results[number] = _Kept(key, now, result)
            self._results.move_to_end(number)
            if len(self._results) > self._bound:
                self._results.popitem(last=False)

    def find(self, call: Invocation, now: float) -> tuple[Any] | None:
        """Return the result in a tuple of one, or ``None`` where there is none young enough."""
        key = _key(call)
        number = _hash(key)
        if number is None:
            return None
        with self._lock:
            kept = self._results.get(number)
        if kept is None or now - kept.at > self._age or not _are_equal(kept.key, key):
            return None
        return (kept.result,)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()


def _key(call: Invocation) -> tuple[object, ...]:
    return (call.function, call.args, tuple(sorted(call.kwargs.items())))


def _hash(key: tuple[object, ...]) -> int | None:
    try:
        return hash(key)
    except Exception:  # noqa: BLE001  whatever an argument raises, the call itself went well
        return None


def _are_equal(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    try:
        return one == other
    except Exception:  # noqa: BLE001  whatever an argument raises, the caller has an error of its own
        return False
