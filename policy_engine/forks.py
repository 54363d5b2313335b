"""What a forked child must make anew: a lock that another thread held at the fork would stay held for ever.

Knows nothing of what it renews. In a child, holders are renewed in the order in which they were made, so that each
finds what it was built upon, its clock above all, renewed already.
"""

from __future__ import annotations

import itertools
import os
import threading
from types import TracebackType
from typing import Protocol
from weakref import WeakValueDictionary


class Forkable(Protocol):
    """A holder of a lock, a thread or another thing that a fork tears from it."""

    def after_fork(self) -> None:
        """Make the lock anew, and forget what only the parent's threads could have ended."""


class Resting(Protocol):
    """A holder of what must not be in use while the process forks."""

    def before_fork(self) -> None:
        """Let go of it."""

    def after_fork_in_parent(self) -> None:
        """Go on."""


_alive: WeakValueDictionary[int, Forkable] = WeakValueDictionary()
_resting: WeakValueDictionary[int, Resting] = WeakValueDictionary()
_sequence = itertools.count()


def survives_fork(holder: Forkable) -> None:
    """Call ``holder.after_fork`` in every child that is forked while it lives."""
    _alive[next(_sequence)] = holder


def rests_during_fork(holder: Resting) -> None:
    """Call ``holder.before_fork`` before each fork, and ``holder.after_fork_in_parent`` once it is done."""
    _resting[next(_sequence)] = holder


class ForkSafeLock:
    """A lock that a forked child finds free, whoever held it: for holders that have nothing else to renew."""

    def __init__(self) -> None:
        self.after_fork()
        survives_fork(self)

    def after_fork(self) -> None:
        """Be a new lock."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()


def _after_fork() -> None:
    for holder in list(_alive.values()):
        holder.after_fork()


def _before_fork() -> None:
    for holder in list(_resting.values()):
        holder.before_fork()


def _after_fork_in_parent() -> None:
    for holder in list(_resting.values()):
        holder.after_fork_in_parent()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(
        before=_before_fork, after_in_child=_after_fork, after_in_parent=_after_fork_in_parent
    )
