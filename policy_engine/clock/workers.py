"""Threads that run tasks, few of them and out of a bounded queue.

Rules: no thread is started before it is needed; no lock is held while a task runs; a fork leaves the child with fresh
threads and none of the parent's work.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from policy_engine.clock.timer import FaultHandler, Task, run
from policy_engine.forks import survives_fork


class Workers:
    """At most ``limit`` threads; at most ``queue`` tasks wait for one."""

    def __init__(self, name: str, *, limit: int, queue: int, on_fault: FaultHandler) -> None:
        self._name = name
        self._limit = limit
        self._queue = queue
        self._on_fault = on_fault
        self.after_fork()
        survives_fork(self)

    def submit(self, task: Task) -> bool:
        """Run ``task`` on a thread, soon; false when the queue is full and the task was not taken."""
        with self._changed:
            if len(self._tasks) >= self._queue:
                return False
            self._tasks.append(task)
            if self._idle >= len(self._tasks) or self._threads >= self._limit:
                self._changed.notify()
                return True
            return self._start_thread()

    @property
    def busy(self) -> bool:
        """Whether a task waits or runs."""
        with self._changed:
            return bool(self._tasks) or self._idle < self._threads

    def after_fork(self) -> None:
        """Have no threads and no work: none of the parent's came along."""
        self._tasks: deque[Task] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._threads = 0
        self._idle = 0

    def _start_thread(self) -> bool:
        try:
            start_thread(self._run_tasks, f"{self._name}-{self._threads + 1}")
        except RuntimeError:
            # The interpreter is ending, or the machine has no thread left: the others take the task, if there are any.
            if not self._threads:
                self._tasks.pop()
            return self._threads > 0
        self._threads += 1
        return True

    def _run_tasks(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._tasks:
                    self._changed.wait()
                self._idle -= 1
                task = self._tasks.popleft()
            run(task, self._on_fault)


def start_thread(target: Callable[[], None], name: str) -> None:
    """Run ``target`` on a thread that the end of a program does not wait for.

    Raises:
        RuntimeError: the machine has no thread left.
    """
    threading.Thread(target=target, name=name, daemon=True).start()
