"""What a forked child must make anew: a lock that another thread held at the fork would stay held for ever."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """A holder of a lock."""

    def after_fork(self) -> None:
        """Make the lock anew, and forget what only the parent's threads could have ended."""


_alive: WeakSet[Forkable] = WeakSet()


def survives_fork(holder: Forkable) -> None:
    """Call ``holder.after_fork`` in every child that is forked while it lives."""
    _alive.add(holder)


def _after_fork() -> None:
    for holder in list(_alive):
        holder.after_fork()


os.register_at_fork(after_in_child=_after_fork)
