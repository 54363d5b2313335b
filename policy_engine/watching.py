"""Tells when what a policy's files hold has changed: by content, once it has come to rest.

Knows files, not policies. Folders are watched, not files, because editors save by renaming and Kubernetes swaps a link;
each second the content is looked at even without an event, so that a folder that went away and came back is seen. A
file that is gone is a change like any other: what to make of it is up to the caller.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from policy_engine.policy.files import policy_files

LOOK_EVERY = 1.0
"""Seconds between two looks where no event comes."""


class PolicyWatch:
    """Calls ``on_change`` on a thread of its own after every change, until `stop`; also a context manager."""

    def __init__(
        self,
        paths: Callable[[], Sequence[str | Path]],
        on_change: Callable[[], object],
        *,
        settle: float = 0.2,
        fault: Callable[[str, BaseException], None],
    ) -> None:
        """Watch what ``paths`` gives at each look; a change is told once nothing has moved for ``settle`` seconds."""
        self._paths_now = paths
        self._on_change = on_change
        self._settle = settle
        self._fault = fault
        self._stop = threading.Event()
        self._known = self._digest()
        self._thread = threading.Thread(target=self._run, name="policy-engine-watch", daemon=True)

    def start(self) -> PolicyWatch:
        """Begin to watch.

        Raises:
            ImportError: the extra ``watch`` is not installed.
        """
        import watchfiles  # noqa: F401  asked for here, so that its absence is told to the caller, not to a thread

        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop watching and wait for the thread to end."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> PolicyWatch:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch_until_folders_change()
            except Exception as error:  # noqa: BLE001  watching goes on whatever a file system answers
                self._fault("watching the policy's files", error)
                self._stop.wait(LOOK_EVERY)

    def _watch_until_folders_change(self) -> None:
        from watchfiles import watch  # an extra, imported where used

        folders = self._folders()
        if not folders:
            self._stop.wait(LOOK_EVERY)
            self._look()
            return
        events = watch(
            *folders,
            stop_event=self._stop,
            yield_on_timeout=True,
            rust_timeout=int(LOOK_EVERY * 1000),
            raise_interrupt=False,
        )
        for _ in events:
            self._look()
            if self._folders() != folders:
                # Another folder stands under the old name: the kernel still watches the one that is gone.
                return

    def _folders(self) -> dict[Path, int]:
        found = {path if path.is_dir() else path.parent for path in self._paths()}
        return {folder: folder.stat().st_ino for folder in sorted(found) if folder.is_dir()}

    def _look(self) -> None:
        digest = self._digest()
        if digest == self._known:
            return
        while not self._stop.wait(self._settle):
            latest = self._digest()
            if latest == digest:
                break
            digest = latest
        else:
            return
        if digest != self._known:
            self._known = digest
            watched = self._paths()
            self._on_change()
            if self._paths() != watched:
                # Nobody looked at the new places before they were read: the next look reads them once more.
                self._known = b""

    def _paths(self) -> list[Path]:
        return [Path(path) for path in self._paths_now()]

    def _digest(self) -> bytes:
        return _digest(self._paths())


def _digest(paths: Sequence[Path]) -> bytes:
    """A digest of names and contents of all policy files; one that cannot be read counts as its error."""
    whole = hashlib.blake2b()
    for path in paths:
        for found in sorted(policy_files(path)):
            whole.update(str(found).encode("utf-8", "surrogateescape") + b"\0")
            try:
                content = found.read_bytes()
            except OSError as error:
                content = repr(error.errno).encode()
            whole.update(hashlib.blake2b(content).digest())
    return whole.digest()

