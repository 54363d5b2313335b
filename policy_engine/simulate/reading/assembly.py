"""Which lines of a log belong together: records over several lines, tracebacks, and processes that write at once.

Puts every line it is given into one pile of `Counts`, those of errors when they close, and queues the errors in the
order of their first lines. Knows no file and no format: it is told whether a line begins a record. Bounded: few errors
are open at once, and one that got no line for a while is closed.
"""

from __future__ import annotations

import re
from collections import deque

from policy_engine.simulate.formats.java_trace import starts_java_trace
from policy_engine.simulate.formats.line_format import Parts
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.formats.traceback import is_marker, may_hold_traceback, names_exception, starts_traceback
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.found import Found
from policy_engine.simulate.reading.open_error import OpenError, Quiet, Where, announces

_MAX_OPEN = 32
# How many lines of other processes may stand before a further line of an error: few, once nothing more is due.
_PATIENCE = {Where.TEXT: 8, Where.AFTER: 16, Where.JOINED: 256, Where.FRAMES: 256}
_LEAST_PATIENCE = min(_PATIENCE.values())
_KEPT_TEXT = 8
_KEPT_OF_LINE = 4096
_NO_RECORD = ("no record",)
_BLANKS = " \t"
_FRAMING = frozenset({"WARNING", "WARN"})
_ESCAPED = re.compile(r"(?:^|[\s:])" + re.escape(HEADER) + r":\\n\s*File \\?\"")

Stream = tuple[str, ...]
Queue = deque[OpenError | Found]
"""Errors in the order of their first lines: complete, or waiting for more lines."""


class Assembly:
    """Puts together the lines of one file."""

    def __init__(self, counts: Counts, queue: Queue, *, text_is_known: bool = False) -> None:
        """Count in ``counts``, put errors in ``queue``; ``text_is_known`` where text outside records is expected."""
        self._counts = counts
        self._queue = queue
        self._text_is_known = text_is_known
        self._current: OpenError | None = None
        self._quiet: Quiet | None = None
        self._quiet_lines = 0
        self._recent: deque[tuple[int, str]] = deque(maxlen=_KEPT_TEXT)
        self._aside: list[OpenError] = []
        self.opened: dict[Stream, OpenError] = {}
        """The errors that may get more lines, by their writers."""
        self.inner = False
        """Whether the last record was written by a process itself, not by what wraps its lines."""

    @property
    def in_record(self) -> bool:
        """Whether a line that begins no record would belong to one."""
        return self._quiet is not None or (self._current is not None and self._current.parts is not None)

    @property
    def is_in_message(self) -> bool:
        """Whether the last line belongs to an exception's message over several lines, in a record with a time."""
        current = self._current
        return current is not None and current.is_in_message and current.parts is not None and current.parts.time != ""

    def rest(self, quiet: Quiet) -> None:
        """Take note of a record that is no error, whose first line was counted."""
        self._quiet, self._current = quiet, None
        self._quiet_lines = 1
        self.inner = quiet.line_format is not None
        self._recent.clear()

    def record(self, quiet: Quiet, *, serious: bool) -> None:
        """Take a line that looks like the first one of a record."""
        number, parts = quiet.first_line, quiet.parts()
        self._close_stale(number)
        opened = self.opened.get(parts.stream)
        if self._aside and (opened is None or not opened.is_of(parts)):
            opened = self._laid_aside(parts) or opened
        if opened is not None and opened.takes_prefixed(parts):
            if opened.ends_before(parts):
                opened = self._begin_beside(opened, number, parts)
            opened.add_prefixed(parts, number)
            self._current, self._quiet = opened, None
            return
        self._leave(parts, serious=serious)
        self.close(self.opened.get(_NO_RECORD))
        lines = _lines_of(parts) if serious or may_hold_traceback(parts.message) else []
        carries = any(starts_traceback(line) for line in lines)
        if not (serious or carries):
            self._counts.other += 1
            self.rest(quiet)
            return
        before = self._quiet
        if carries and before is not None and _goes_on(before.parts(), parts):
            opened = self._open_from(before, framed=True)
        else:
            opened = self._begin(OpenError(number, parts, framed=True), parts.stream)
        self.inner = quiet.line_format is not None
        opened.add_prefixed(parts._replace(message=lines[0]), number)
        for line in lines[1:]:
            opened.add_uncounted(line)

    def line(self, number: int, text: str, outer: Parts | None = None) -> None:
        """Take a line that begins no record; ``outer`` is what was put around it."""
        current = self._current
        announced = text[:1] not in _BLANKS and announces(text)
        if current is not None:
            if current.waits_at(text):
                current.wait_for_more()
                return
            if not announced and current.takes(text):
                current.add(text, number)
                return
            self.close(current)
            if current.origin is not None:
                self._quiet = current.origin._replace(first_line=number)
                self._quiet_lines = 0
        if announced or starts_traceback(text) or starts_java_trace(text) or self._continues(number, text):
            quiet = self._quiet
            if quiet is None:
                opened = self._open_plain(number, text, outer, announced=announced)
            elif announced or quiet.is_alone:
                opened = self._open_after(quiet, number, announced=announced)
            else:
                opened = self._open_from(quiet)
            opened.add(text, number)
            return
        self._recent.append((number, text[:_KEPT_OF_LINE]))
        if self._quiet is not None or self._text_is_known or not text.strip():
            self._counts.other += 1
            self._quiet_lines += 1
        else:
            self._counts.not_parsed(number, text)

    def widen(self, number: int, lines: int) -> None:
        """Count further lines of the input on which the line stood that was just taken."""
        current = self._current
        if current is not None and current.last_line == number:
            current.lines += lines
            return
        self._counts.other += lines
        if self._quiet is not None:
            self._quiet_lines += lines

    def add_to_error(self, text: str) -> None:
        """Take text that came on the same line as the one before it."""
        if text and self._current is not None:
            for line in text.split("\n"):
                self._current.add_uncounted(line)

    def lone_error(self, number: int, text: str, outer: Parts | None = None) -> None:
        """Take a line without level, date and format that the user calls an error."""
        self.close(self._current)
        self._begin(OpenError(number, outer), _NO_RECORD).add(text, number)

    def seems_to_go_on(self, text: str) -> bool:
        """Whether a line that has a record's form goes on with the last record all the same."""
        if self._current is not None:
            return self._current.seems_to_go_on(text)
        return starts_traceback(text) or starts_java_trace(text)

    def close(self, opened: OpenError | None) -> None:
        """End one error: no further line belongs to it."""
        if opened is None or opened.closed:
            return
        opened.closed = True
        self._counts.other += opened.blanks
        del self.opened[opened.stream]
        if opened in self._aside:
            self._aside.remove(opened)
        if self._current is opened:
            self._current = None

    def close_all(self) -> None:
        """End every open error: nothing more comes."""
        for opened in list(self.opened.values()):
            self.close(opened)
        self._quiet = None
        self._recent.clear()

    def _laid_aside(self, parts: Parts) -> OpenError | None:
        """The error that another one of its writer took the place of, if the line is its own."""
        return next((each for each in self._aside if each.is_of(parts) and each.takes_prefixed(parts)), None)

    def _leave(self, parts: Parts, *, serious: bool) -> None:
        """End the writer's last error, or lay it aside where its own lines would be known among those of the next."""
        last = self.opened.get(parts.stream)
        if last is None:
            return
        tells_its_lines = last.parts is not None and last.parts.is_fine and not last.is_of(parts)
        if not (serious and tells_its_lines) or last.where is Where.AFTER:
            self.close(last)
            return
        del self.opened[last.stream]
        last.stream = (*last.stream, str(last.first_line))
        self.opened[last.stream] = last
        self._aside.append(last)

    def _open_from(self, quiet: Quiet, *, framed: bool = False) -> OpenError:
        """Turn the last record into an error, since it carries a traceback: its lines move to the error's pile.

        Only its own: between them other writers may have had theirs.
        """
        parts = quiet.parts()
        opened = OpenError(quiet.first_line, parts, framed=framed or parts.level.upper() in _FRAMING, origin=quiet)
        opened.add_uncounted(parts.message)
        for _, text in self._recent:
            opened.add_uncounted(text)
        opened.lines = self._quiet_lines
        self._counts.other -= opened.lines
        return self._begin(opened, parts.stream)

    def _begin_beside(self, last: OpenError, number: int, parts: Parts) -> OpenError:
        """Open an error whose lines have the prefix of the one before it: its text was taken for that one's."""
        first = last.give_up_last()
        begun, own = (number, parts) if first is None else first
        self.close(last)
        opened = self._begin(OpenError(begun, own, framed=True), own.stream)
        if first is not None:
            opened.add_prefixed(own, begun)
        return opened

    def _open_after(self, quiet: Quiet, number: int, *, announced: bool) -> OpenError:
        """Open an error that stands after a record and is none of it: it has no more of it than the time."""
        before = quiet.parts()
        parts = Parts("", time=before.time, host=before.host, process=before.process, thread=before.thread)
        return self._begin(OpenError(number, parts, origin=quiet, announced=announced), _NO_RECORD)

    def _continues(self, number: int, text: str) -> bool:
        """Whether the line goes on with an exception that was printed without a traceback of its own, or ends one."""
        if not self._recent:
            return False
        last, above = self._recent[-1]
        if is_marker(text) or (text == '"""' and above.rstrip().endswith(":")):
            return True
        # The log begins in the midst of a traceback: nothing is left of it but the source of its last frame.
        return self._quiet is None and last == number - 1 and above.startswith("    ") and names_exception(text)

    def _open_plain(self, number: int, text: str, outer: Parts | None, *, announced: bool) -> OpenError:
        """Open an error that no record frames, with the exception above its marker: its lines move to its pile."""
        opened = OpenError(number, outer, announced=announced)
        if not (is_marker(text) or text == '"""'):
            return self._begin(opened, _NO_RECORD)
        kept = list(self._recent)
        start = len(kept)
        while start and (not kept[start - 1][1].strip() or not names_exception(kept[start - 1][1])):
            start -= 1
        start = max(start - 1, 0)
        opened.first_line = kept[start][0]
        for _, line in kept[start:]:
            opened.add(line, number)
            if self._text_is_known or not line.strip():
                self._counts.other -= 1
            else:
                self._counts.take_back(opened.first_line)
        opened.where = Where.AFTER
        return self._begin(opened, _NO_RECORD)

    def _begin(self, opened: OpenError, stream: Stream) -> OpenError:
        self.close(self.opened.get(stream))
        if len(self.opened) >= _MAX_OPEN:
            self.close(next(iter(self.opened.values())))
        opened.stream, opened.end = stream, self.close
        self.opened[stream] = opened
        self._queue.append(opened)
        self._current, self._quiet = opened, None
        self._recent.clear()
        return opened

    def _close_stale(self, number: int) -> None:
        for opened in list(self.opened.values()):
            gap = number - opened.last_line
            if gap > _LEAST_PATIENCE and gap > _PATIENCE[opened.where]:
                self.close(opened)


def _goes_on(before: Parts, parts: Parts) -> bool:
    """Whether a line that carries a traceback has the prefix of the record before it."""
    if parts.begins and not parts.request:
        return False
    return before.identity == parts.identity and not before.serves_another(parts)


def _lines_of(parts: Parts) -> list[str]:
    """The record's text, over several lines where its line feeds were escaped to keep it on one."""
    text = parts.message
    if HEADER in text and _ESCAPED.search(text):
        text = text.replace("\\n", "\n").replace('\\"', '"')
    return text.split("\n")
