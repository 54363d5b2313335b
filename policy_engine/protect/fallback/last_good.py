"""The last good results of a target, for each function and arguments; bounded, the longest unused goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from policy_engine.forks import survives_fork
from policy_engine.protect.invocation import Invocation


class LastGoodResults:
    """Results no older than ``age`` seconds, of at most ``bound`` different calls."""

    __slots__ = ("__weakref__", "_age", "_bound", "_lock", "_results")

    def __init__(self, age: float, *, bound: int = 1000) -> None:
        self._age = age
        self._bound = bound
        self._lock = threading.Lock()
        survives_fork(self)
        self._results: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def keep(self, call: Invocation, result: Any, now: float) -> None:
        """Keep a good result; a call whose arguments cannot be compared is not kept."""
        key = _key(call)
        if key is None:
            return
        with self._lock:
            self._results[key] = (now, result)
            self._results.move_to_end(key)
            if len(self._results) > self._bound:
                self._results.popitem(last=False)

    def find(self, call: Invocation, now: float) -> tuple[Any] | None:
        """Return the result in a tuple of one, or ``None`` where there is none young enough."""
        key = _key(call)
        if key is None:
            return None
        with self._lock:
            kept = self._results.get(key)
        return (kept[1],) if kept is not None and now - kept[0] <= self._age else None

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()


def _key(call: Invocation) -> Hashable | None:
    key = (call.function, call.args, tuple(sorted(call.kwargs.items())))
    try:
        hash(key)
    except TypeError:
        return None
    return key
