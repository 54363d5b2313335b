"""Calls of one target on threads of their own, which are left behind when their time is over.

Python cannot stop a thread: the function goes on, holds what it holds, and what it returns or raises in the end is
dropped. How many may go on so is bounded; at the bound calls are refused, since more threads would not help them.
"""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from policy_engine.boundary import Border
from policy_engine.clock import Clock
from policy_engine.errors import CallRefusedError
from policy_engine.forks import survives_fork
from policy_engine.protect.invocation import Call, Invocation


@dataclass(slots=True)
class _Outcome:
    result: Any = None
    error: BaseException | None = None
    ended: bool = False
    left_behind: bool = False


class CallThreads:
    """Runs calls on threads; at most ``most`` of them may go on after their time."""

    __slots__ = ("__weakref__", "_clock", "_left_behind", "_lock", "_name", "most")

    def __init__(self, name: str, *, clock: Clock, most: int) -> None:
        self.most = most
        self._name = name
        self._clock = clock
        self.after_fork()
        survives_fork(self)

    def run(self, inner: Call, call: Invocation, seconds: float) -> Any:
        """Return what ``inner(call)`` returns within ``seconds``; it sees the caller's context variables.

        Raises:
            TimeoutError: it did not end in time, and goes on alone.
            CallRefusedError: as many calls go on alone as may.
        """
        if self._left_behind >= self.most:
            raise CallRefusedError(
                f'call "{self._name}" is refused: {self._left_behind} calls of it still run though their time is over'
            )
        outcome = _Outcome()
        context = copy_context()

        def work() -> None:
            try:
                outcome.result = context.run(_inside, inner, call)
            except BaseException as error:  # noqa: BLE001  raised again where the call was made
                outcome.error = error
            with self._lock:
                outcome.ended = True
                self._left_behind -= outcome.left_behind

        if not self._clock.run_within(work, seconds):
            with self._lock:
                outcome.left_behind = not outcome.ended
                self._left_behind += outcome.left_behind
            raise TimeoutError(f'call "{self._name}" took longer than {seconds:.3g} s')
        if outcome.error is not None:
            try:
                raise outcome.error
            finally:
                del outcome  # its error holds this frame
        return outcome.result

    def after_fork(self) -> None:
        """Make the lock anew in a child, where none of the parent's calls run."""
        self._lock = threading.Lock()
        self._left_behind = 0


def _inside(inner: Call, call: Invocation) -> Any:
    """The call within the protection that waits for it: a thread's stack does not show who started it."""
    with Border():
        return inner(call)
