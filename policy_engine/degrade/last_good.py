"""The last good results of a function, each for its arguments, as long as they are young enough.

Knows no clock: callers bring ``now``. Bounded: the result that was stored longest ago goes first. Arguments that cannot
be hashed are not remembered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence

Arguments = Hashable
MOST_RESULTS = 1000


class LastGoodResults:
    """Up to `MOST_RESULTS` results."""

    __slots__ = ("_lock", "_results")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[Arguments, tuple[float, object]] = OrderedDict()

    def store(self, arguments: Arguments | None, result: object, now: float) -> None:
        """Remember ``result`` for these arguments."""
        if arguments is None:
            return
        with self._lock:
            self._results[arguments] = (now, result)
            self._results.move_to_end(arguments)
            if len(self._results) > MOST_RESULTS:
                self._results.popitem(last=False)

    def find(self, arguments: Arguments | None, *, max_age: float, now: float) -> tuple[object] | None:
        """Return the result for these arguments in a tuple; ``None`` where there is none that young."""
        with self._lock:
            stored = None if arguments is None else self._results.get(arguments)
        return None if stored is None or now - stored[0] > max_age else (stored[1],)


def arguments_of(args: Sequence[object], kwargs: Mapping[str, object]) -> Arguments | None:
    """Return what stands for these arguments; ``None`` where one of them cannot be hashed."""
    # Nested types count: True and 1 and 1.0 are equal, and are not the same argument.
    arguments = (
        tuple((type(each), each) for each in args),
        tuple((name, type(kwargs[name]), kwargs[name]) for name in sorted(kwargs)),
    )
    try:
        hash(arguments)
    except TypeError:
        return None
    return arguments
