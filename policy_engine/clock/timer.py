"""Work that is due at a time, and how work runs: a task that raises is reported and stops nothing."""

from __future__ import annotations

from collections.abc import Callable

Task = Callable[[], object]
FaultHandler = Callable[[str, BaseException], None]


class Timer:
    """Work that is due at a time; ``cancel()`` it as long as it has not run."""

    __slots__ = ("_task", "when")

    def __init__(self, when: float, task: Task) -> None:
        self.when = when
        self._task: Task | None = task

    def cancel(self) -> None:
        """Forget the work; harmless when it has run."""
        self._task = None

    def take(self) -> Task | None:
        """Return the work, once."""
        task, self._task = self._task, None
        return task


def run(task: Task | None, on_fault: FaultHandler) -> None:
    """Run ``task``, if it is still to be run; what it raises goes to ``on_fault``."""
    if task is None:
        return
    try:
        task()
    except Exception as error:  # noqa: BLE001  whatever a task raises, the next one must run
        on_fault("a timer or a worker task", error)
