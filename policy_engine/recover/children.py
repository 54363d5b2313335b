"""Children: threads, asyncio tasks and processes of the program, which a recovery restarts.

Which of them go with the one that failed is OTP's choice of three (Erlang/OTP Design Principles, "Supervisor
Behaviour"). Two copies of a child never run: one that does not stop in time is not started again, and the restart has
failed. Knows no recovery and no policy; how often to restart is the strategy's intensity.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from policy_engine.errors import UnknownNameError

if TYPE_CHECKING:
    import asyncio
    import subprocess

Ended = Callable[[str, BaseException | None], object]
"""Told the name of a child that ended by itself, and what it raised; ``None`` where it just returned."""


class Restart(StrEnum):
    """Who is restarted with the child that failed."""

    ONE_FOR_ONE = "one_for_one"
    """Nobody."""
    ONE_FOR_ALL = "one_for_all"
    """All others."""
    REST_FOR_ONE = "rest_for_one"
    """Those that were added after it, for they depend on it."""


class ChildStoppedError(Exception):
    """A process ended with another exit code than 0."""


class Child(Protocol):
    """One child, of any kind. ``told`` learns how it ended, unless it was stopped."""

    def start(self, told: Callable[[BaseException | None], object]) -> None:
        """Let it run."""

    def stop(self, seconds: float) -> bool:
        """Ask it to end and wait so long; whether it did."""


class Children:
    """Children by name, in the order in which they were added."""

    def __init__(
        self, restart: Restart | str = Restart.ONE_FOR_ONE, *, ended: Ended, stop_timeout: float = 5.0
    ) -> None:
        """``ended`` hands a failure on, as in ``lambda name, error: handle_error(error, context={"child": name})``."""
        self._restart = Restart(restart)
        self._ended = ended
        self._stop_timeout = stop_timeout
        self._children: dict[str, Child] = {}
        # Held while children stop and start: two restarts of one group wait for each other, nobody else takes it.
        self._changing = threading.RLock()

    def add_thread(self, name: str, function: Callable[[threading.Event], object]) -> None:
        """Add a thread that runs ``function(stop)`` and returns soon after ``stop`` is set."""
        self._children[name] = _ThreadChild(name, function)

    def add_task(
        self, name: str, function: Callable[[], Coroutine[Any, Any, object]], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Add a task of ``loop``, which another thread runs; it is stopped by cancelling it."""
        self._children[name] = _TaskChild(function, loop)

    def add_process(self, name: str, command: Sequence[str]) -> None:
        """Add a process; it is stopped by SIGTERM, and by SIGKILL when that is not enough."""
        self._children[name] = _ProcessChild(name, command)

    def start(self) -> None:
        """Start all children, in order."""
        with self._changing:
            for name in self._children:
                self._start(name)

    def stop(self) -> bool:
        """Stop all children, the last one first; whether all did in time."""
        with self._changing:
            stopped = [child.stop(self._stop_timeout) for child in reversed(self._children.values())]
        return all(stopped)

    def restart(self, name: str) -> bool:
        """Restart a child and those that go with it; false where one did not stop, and so was not started.

        Raises:
            UnknownNameError: there is no child of this name.
        """
        if name not in self._children:
            raise UnknownNameError(f'there is no child "{name}" (there are: {", ".join(self._children) or "none"})')
        with self._changing:
            names = self._affected(name)
            stopped = {each for each in reversed(names) if self._children[each].stop(self._stop_timeout)}
            for each in names:
                if each in stopped:
                    self._start(each)
        return len(stopped) == len(names)

    def _affected(self, name: str) -> list[str]:
        names = list(self._children)
        if self._restart is Restart.ONE_FOR_ALL:
            return names
        return names[names.index(name) :] if self._restart is Restart.REST_FOR_ONE else [name]

    def _start(self, name: str) -> None:
        self._children[name].start(lambda error: self._ended(name, error))


class _ThreadChild:
    def __init__(self, name: str, function: Callable[[threading.Event], object]) -> None:
        self._name = name
        self._function = function
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, told: Callable[[BaseException | None], object]) -> None:
        self._stop = stop = threading.Event()

        def run() -> None:
            error = None
            try:
                self._function(stop)
            except BaseException as raised:  # noqa: BLE001  however it ends, its owner is told
                error = raised
            if not stop.is_set():
                told(error)

        self._thread = threading.Thread(target=run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        self._stop.set()
        if self._thread is None or self._thread is threading.current_thread():
            return self._thread is None
        self._thread.join(seconds)
        return not self._thread.is_alive()


class _TaskChild:
    def __init__(
        self, function: Callable[[], Coroutine[Any, Any, object]], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._function = function
        self._loop = loop
        self._stopped: threading.Event | None = None
        self._task: asyncio.Task[object] | None = None
        self._stopping = False

    def start(self, told: Callable[[BaseException | None], object]) -> None:
        self._stopping = False
        self._stopped = stopped = threading.Event()

        def done(task: asyncio.Task[object]) -> None:
            stopped.set()
            if not self._stopping:
                told(None if task.cancelled() else task.exception())

        def create() -> None:
            self._task = self._loop.create_task(self._function())
            self._task.add_done_callback(done)

        self._loop.call_soon_threadsafe(create)

    def stop(self, seconds: float) -> bool:
        if self._stopped is None:
            return True
        self._stopping = True
        self._loop.call_soon_threadsafe(lambda: self._task.cancel() if self._task is not None else None)
        return self._stopped.wait(seconds)


class _ProcessChild:
    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name = name
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def start(self, told: Callable[[BaseException | None], object]) -> None:
        import subprocess  # only who supervises processes pays for it

        self._stopping = stopping = threading.Event()
        self._process = process = subprocess.Popen(self._command)  # noqa: S603  the program's own command, no shell

        def watch() -> None:
            code = process.wait()
            if not stopping.is_set():
                told(ChildStoppedError(f"{self._name} ended with exit code {code}") if code else None)

        threading.Thread(target=watch, name=f"{self._name}-watch", daemon=True).start()

    def stop(self, seconds: float) -> bool:
        import subprocess  # as above

        process = self._process
        if process is None:
            return True
        self._stopping.set()
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return True
