"""How far a command has come, on one line of standard error that is rewritten; on a terminal only."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from policy_engine.clock import SystemClock

if TYPE_CHECKING:
    from types import TracebackType

    from policy_engine.simulate.reading import Reader

_PERIOD = 0.2
_CLEAR = "\r\x1b[K"
_WIDTH = 24


class Progress:
    """A bar with lines, errors and megabytes a second of a replay; a context that takes its line away when it ends."""

    def __init__(self, stream: TextIO, whole: int | None = None) -> None:
        """Show it on ``stream``; ``whole`` is how many bytes there are to read, ``None`` where nobody knows."""
        self._stream = stream
        self._whole = whole
        self._readers: list[Reader] = []
        self._now = SystemClock().monotonic
        self._started = self._shown = self._now()
        self._wanted = stream.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._wanted:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def show(self, reader: Reader) -> None:
        """Show how far all readers have come, if the last time is a while ago."""
        if not self._wanted:
            return
        if reader not in self._readers:
            self._readers.append(reader)
        now = self._now()
        if now - self._shown < _PERIOD:
            return
        self._shown = now
        lines = sum(each.counts.lines for each in self._readers)
        errors = sum(each.counts.errors for each in self._readers)
        read = sum(each.bytes_read for each in self._readers)
        speed = read / 1e6 / max(now - self._started, 1e-9)
        told = f"{lines:,} lines, {errors:,} errors, {read / 1e6:,.0f} MB at {speed:,.1f} MB/s"
        self._stream.write(f"{_CLEAR}{_bar(read, self._whole)}{told}")
        self._stream.flush()


def _bar(read: int, whole: int | None) -> str:
    if not whole:
        return ""
    share = min(1.0, read / whole)
    return f"[{'#' * round(share * _WIDTH):<{_WIDTH}}] {share:4.0%}  "
