"""Errors read from one input, in order, in bounded memory; every line is counted.

Each line is asked for its format, the one that knew the line before it first. A record of JSON Lines is an error by
itself; what text lines belong together is the assembly's business. Most lines of most logs are records that are no
error: they take the short way through `Reader.errors`.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator

from policy_engine.simulate.formats import TEXT_FORMATS, TRACEBACK, record
from policy_engine.simulate.formats.levels import SERIOUS
from policy_engine.simulate.formats.line_format import LineFormat, Match
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.reading.assembly import Assembly, closed_errors
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.found import Found, found_in_log
from policy_engine.simulate.reading.json_objects import object_in
from policy_engine.simulate.reading.lines import Lines
from policy_engine.simulate.reading.open_error import OpenError, Quiet

_FIRST_LINES = 64
_LOOK_AFRESH = 0xFF


class Reader:
    """Reads one input. `errors` yields what it holds; `counts` and `problem` are complete when it ends."""

    def __init__(
        self,
        stream: io.BufferedReader,
        *,
        format_name: str | None = None,
        error_when: Callable[[str], bool] | None = None,
        reference: float | None = None,
        on_block: Callable[[Reader], object] | None = None,
    ) -> None:
        """Read from ``stream``.

        ``format_name`` forces one of `formats.NAMES`; ``error_when`` tells of a record's first line that it is an error
        whatever its level; ``reference`` is when the input was last written, for times without a year; ``on_block`` is
        called now and then while reading.
        """
        self.counts = Counts()
        self.close = stream.close
        self._lines = Lines(stream, on_block=None if on_block is None else lambda: on_block(self))
        self._only_records = format_name == record.NAME
        self._reads_records = format_name in (None, record.NAME)
        self._formats = tuple(each for each in TEXT_FORMATS if format_name in (None, each.name))
        self._error_when = error_when
        self._reference = reference
        self._queue: deque[OpenError] = deque()
        self._assembly = Assembly(self.counts, self._queue, text_is_known=format_name == TRACEBACK)

    @property
    def problem(self) -> str:
        """Why reading ended before the input did, where it did."""
        return self._lines.problem

    @property
    def bytes_read(self) -> int:
        """Of text, after unpacking."""
        return self._lines.bytes_read

    def errors(self) -> Iterator[Found]:
        """Yield the errors, each once, in the order of their first lines."""
        counts, assembly, queue, error_when = self.counts, self._assembly, self._queue, self._error_when
        current: LineFormat | None = None
        run = 0
        for line in self._lines:
            counts.lines = number = counts.lines + 1
            if line.startswith("{") and self._reads_records and (found := self._recorded(line, number)) is not None:
                yield from self._finished()
                yield found
                continue
            afresh = number < _FIRST_LINES or not number & _LOOK_AFRESH
            match = None if current is None or afresh else current.pattern.match(line)
            if match is None or current is None:
                counts.known_by("" if current is None else current.name, run)
                run = 0
                current, match = self._known(line, current)
            if match is None or current is None:
                self._take_text(number, line)
            else:
                run += 1
                serious = match["level"] in SERIOUS or (error_when is not None and error_when(line))
                if not (serious or assembly.opened or HEADER in line):
                    counts.other += 1
                    assembly.rest(Quiet(number, current, match))
                    continue
                assembly.record(number, current, match, serious=serious)
            if queue:
                yield from self._closed()
        counts.known_by("" if current is None else current.name, run)
        yield from self._finished()
        counts.cut += self._lines.lines_cut

    def _known(self, line: str, current: LineFormat | None) -> tuple[LineFormat | None, Match | None]:
        """Find the format of a line that begins a record."""
        if line and line[0] not in " \t":
            for each in self._formats:
                match = each.pattern.match(line)
                if match is not None:
                    return each, match
        return current, None

    def _take_text(self, number: int, line: str) -> None:
        """Take a line that begins no record."""
        error_when = self._error_when
        if self._only_records:
            if line.strip():
                self.counts.not_parsed(number, line)
            else:
                self.counts.other += 1
        elif error_when is not None and not self._assembly.in_record and error_when(line):
            self._assembly.lone_error(number, line)
        else:
            self._assembly.line(number, line)

    def _recorded(self, line: str, number: int) -> Found | None:
        """Read a line of JSON; ``None`` where it is none, or belongs to a text log's record."""
        data = object_in(line)
        if data is None or not (self._only_records or (record.is_record(data) and not self._assembly.in_record)):
            return None
        occurrence = record.occurrence_of(data)
        if occurrence is None:
            return None
        counts = self.counts
        counts.known_by(record.NAME)
        counts.error_lines += 1
        counts.errors += 1
        counts.tracebacks += bool(occurrence.stack)
        return Found(occurrence, number, record.id_of(data), bool(occurrence.stack))

    def _finished(self) -> Iterator[Found]:
        """End what is open: what comes next belongs to no record before it."""
        self._assembly.close_all()
        return self._closed()

    def _closed(self) -> Iterator[Found]:
        counts = self.counts
        for opened in closed_errors(self._queue):
            found = found_in_log(opened, self._reference)
            counts.errors += 1
            counts.error_lines += opened.lines
            counts.cut += opened.text.cut
            counts.tracebacks += found.traceback
            if opened.parts is None:
                counts.known_by(TRACEBACK, opened.lines)
            yield found
