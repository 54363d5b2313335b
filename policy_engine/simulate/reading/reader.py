"""Errors read from one input, in order, in bounded memory; every line is counted.

A line is JSON, or the first line of a text record, or a further line of one; what belongs together is the assembly's
business. Most lines of most logs are records that are no error: they take the short way through `Reader.errors`, which
does at once what `Reader._take` does for any line.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from policy_engine.simulate.formats import TEXT_FORMATS, TRACEBACK
from policy_engine.simulate.formats.json_format import Entry
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts, Wraps
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.formats.python_logging import BARE, MARKED
from policy_engine.simulate.formats.traceback import may_hold_traceback
from policy_engine.simulate.reading.assembly import Assembly, Queue
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.found import Found, found_in_entry, found_in_log
from policy_engine.simulate.reading.json_blocks import JsonBlock, objects_in_array, opens_block
from policy_engine.simulate.reading.json_lines import JsonLines, Wrapped
from policy_engine.simulate.reading.lines import Lines
from policy_engine.simulate.reading.open_error import Quiet
from policy_engine.simulate.reading.recogniser import Recogniser
from policy_engine.simulate.reading.repeated_prefix import CHARACTERS_LOOKED_AT, LINES_LOOKED_AT, prefix_format
from policy_engine.simulate.reading.streams import Streams

_PATIENCE = 1024
"""How many lines may follow before an error whose process fell silent holds up the others no longer."""
_MAX_WAITING = 256
_NOW_AND_THEN = 0x1F
"""How seldom it is looked whether an open error holds up others."""
_BRACKETS = "{[]"
_LONG = 100_000


class Reader:
    """Reads one input. `errors` yields what it holds; `counts` and `problem` are complete when it ends."""

    def __init__(
        self,
        stream: io.BufferedReader,
        *,
        format_name: str | None = None,
        line_format: LineFormat | None = None,
        more_formats: Sequence[LineFormat] = (),
        error_when: Callable[[str], bool] | None = None,
        reference: float | None = None,
        on_block: Callable[[Reader], object] | None = None,
    ) -> None:
        """Read from ``stream``.

        ``format_name`` forces one of `formats.NAMES` or of ``more_formats``, which are tried before ours;
        ``line_format`` forces one of the caller's own; ``error_when`` tells of a record's first line that it is an
        error whatever its level; ``reference`` is when the input was last written, for times without a year;
        ``on_block`` is called now and then while reading.
        """
        self.counts = counts = Counts()
        self.close = stream.close
        self._lines = Lines(stream, on_block=None if on_block is None else lambda: on_block(self))
        own = () if line_format is None else (line_format,)
        known = (*more_formats, *TEXT_FORMATS)
        formats = own or tuple(each for each in known if format_name in (None, each.name))
        name = line_format.name if line_format is not None else format_name
        self._formats = formats
        self._recogniser = Recogniser(formats)
        self._may_learn = name is None
        self._reads_text = bool(formats) or name == TRACEBACK
        self._error_when = error_when
        self._reference = reference
        self._queue: Queue = deque()
        self._json_lines = JsonLines(counts, format_name=name, reference=reference)
        inner_lines = JsonLines(counts, format_name=None, reference=reference)
        self._streams = Streams(counts, self._queue, inner_lines, error_when)
        self._plain = Assembly(counts, self._queue, text_is_known=name == TRACEBACK)
        self._last = self._plain
        self._all_timed = True  # as far as was seen
        self._source: Iterator[str] = iter(self._lines)
        self._bracket = self._block_end = -1

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
        self._learn_prefix()
        counts, plain, queue, error_when = self.counts, self._plain, self._queue, self._error_when
        find, reads_json, known = self._recogniser.find, self._json_lines.wanted, counts.formats
        marked, bare = MARKED, BARE
        for line in self._source:
            counts.lines = number = counts.lines + 1
            if not (reads_json and line.startswith("{") and self._took_json(line, number)):
                found = find(line)
                if found is None:
                    may_be_json = line[-1:] in _BRACKETS or len(line) > _LONG
                    if not (may_be_json and reads_json and self._took_block(number, line)):
                        self._take_text(number, line)
                elif found[0].wraps is not Wraps.NOTHING:
                    self._take_process_line(number, *found)
                else:
                    line_format, match = found
                    if (line_format is marked or line_format is bare) and self._is_text(number, line):
                        continue
                    known[line_format.name] = known.get(line_format.name, 0) + 1
                    self._last = plain
                    serious = match["level"] in line_format.serious or (error_when is not None and error_when(line))
                    if not (serious or plain.opened or HEADER in line):
                        counts.other += 1
                        plain.rest(Quiet(number, line_format, match))
                        continue
                    plain.record(Quiet(number, line_format, match), serious=serious)
            if queue and (queue[0].closed or not number & _NOW_AND_THEN):
                yield from self._closed()
        plain.close_all()
        self._streams.close_all()
        yield from self._closed()
        counts.cut += self._lines.lines_cut

    def _learn_prefix(self) -> None:
        """Look at the first lines for a prefix that only this log has."""
        if not self._may_learn:
            return
        first = list[str]()
        size = 0
        for line in self._source:
            first.append(line)
            size += len(line)
            if len(first) == LINES_LOOKED_AT or size > CHARACTERS_LOOKED_AT:
                break
        self._source = chain(first, self._source)
        own = prefix_format(first, lambda line: line.startswith("{") or self._recogniser.find(line) is not None)
        self._recogniser = Recogniser(self._formats if own is None else (own, *self._formats))

    def _take(self, number: int, line: str) -> None:
        """Take a line of text."""
        found = self._recogniser.find(line)
        if found is None:
            self._take_text(number, line)
            return
        line_format, match = found
        if line_format.wraps is not Wraps.NOTHING:
            self._take_process_line(number, line_format, match)
            return
        if line_format in (MARKED, BARE) and self._is_text(number, line):
            return
        self.counts.known_by(line_format.name)
        self._last = self._plain
        wanted = self._error_when is not None and self._error_when(line)
        self._plain.record(Quiet(number, line_format, match), serious=wanted or match["level"] in line_format.serious)

    def _is_text(self, number: int, line: str) -> bool:
        """Take a line that begins with a level's word, if it is text of an error in a log that writes a time first."""
        if self._all_timed and self._plain.is_in_message:
            self._plain.line(number, line)
            return True
        self._all_timed = False
        return False

    def _take_process_line(self, number: int, line_format: LineFormat, match: Match) -> None:
        """Take a line that a process wrote and something put a prefix around."""
        self.counts.known_by(line_format.name)
        serious = match["level"] in line_format.serious
        self._take_wrapped(number, line_format.parts(match), line_format.wraps, serious=serious)

    def _took_block(self, number: int, line: str) -> bool:
        """Take an object that begins on this line, with the lines after it, or an array, if it is one."""
        if line.startswith("[{"):
            return self._took_array(number, line)
        if not opens_block(line):
            return self._took_bracket(number, line)
        block = JsonBlock(line)
        after = next(self._source, None)
        while after is not None and block.takes(after) and not block.complete:
            after = next(self._source, None)
        count = len(block.lines)
        self.counts.lines += count - 1
        if block.complete and self._took_json(block.text, number, further=count - 1):
            if self._bracket == number - 1:
                self.counts.take_back(self._bracket)
                self.counts.other += 1
            self._block_end = number + count - 1
            return True
        for offset, each in enumerate(block.lines):
            self._take(number + offset, each)
        if after is not None and not block.complete:
            self.counts.lines += 1
            self._take(number + count, after)
        return True

    def _took_bracket(self, number: int, line: str) -> bool:
        """Take a bracket on a line of its own, around the objects of an array."""
        bracket, unparsed = line.strip(), self.counts.unparsed
        if bracket == "]" and self._block_end == number - 1:
            self.counts.other += 1
            return True
        if bracket != "[":
            return False
        self._take_text(number, line)
        self._bracket = number if self.counts.unparsed > unparsed else -1
        return True

    def _took_array(self, number: int, line: str) -> bool:
        """Take an array of objects on one line, if there is any that is an event."""
        counts = self.counts
        error_lines, other = counts.error_lines, counts.other
        read = [
            self._json_lines.read(each, number, in_record=self._last.in_record, wanted=False)
            for each in objects_in_array(line)
        ]
        found = []
        for each in read:
            found += self._lone(each, number) if isinstance(each, Wrapped) else each or []
        if all(each is None for each in read):
            return False
        counts.error_lines, counts.other = error_lines + bool(found), other + (not found)
        self._last = self._plain
        self._plain.close_all()
        self._queue.extend(found)
        return True

    def _lone(self, wrapped: Wrapped, number: int) -> list[Found]:
        """The error in a line that some process wrote, for itself."""
        wrapper, parts = wrapped
        self.counts.known_by(wrapper.name)
        entry = Entry(parts.message, parts.level in wrapper.serious, parts.time, parts.logger)
        if not (entry.serious or may_hold_traceback(entry.message)):
            return []
        found = found_in_entry(entry, number, self._reference, parts)
        self.counts.errors += 1
        self.counts.tracebacks += found.traceback
        return [found]

    def _took_json(self, line: str, number: int, *, further: int = 0) -> bool:
        """Take JSON, if it is an event and not part of a text record; ``further`` is how many lines more it takes."""
        wanted = self._error_when is not None and self._error_when(line)
        read = self._json_lines.read(line, number, in_record=self._last.in_record, wanted=wanted)
        if isinstance(read, Wrapped):
            wrapper, parts = read
            self.counts.known_by(wrapper.name)
            self._take_wrapped(number, parts, wrapper.wraps, serious=parts.level in wrapper.serious)
            self._last.widen(number, further)
            return True
        if read is None:
            return False
        if read:
            self.counts.error_lines += further
        else:
            self.counts.other += further
        self._last = self._plain
        self._plain.close_all()
        self._queue.extend(read)
        return True

    def _take_wrapped(self, number: int, parts: Parts, wraps: Wraps, *, serious: bool) -> None:
        self._last = self._streams.take(number, parts, wraps, serious=serious) or self._last

    def _take_text(self, number: int, line: str) -> None:
        """Take a line that begins no record."""
        error_when = self._error_when
        if not self._reads_text:
            if line.strip():
                self.counts.not_parsed(number, line)
            else:
                self.counts.other += 1
        elif error_when is not None and not self._last.in_record and error_when(line):
            self._last.lone_error(number, line)
        else:
            self._last.line(number, line)

    def _closed(self) -> Iterator[Found]:
        """Take from the queue the errors that no earlier one holds up."""
        counts, queue = self.counts, self._queue
        while queue:
            opened = queue[0]
            if not isinstance(opened, Found) and not opened.closed:
                if counts.lines - opened.last_line < _PATIENCE and len(queue) < _MAX_WAITING:
                    return
                opened.end(opened)
            queue.popleft()
            if isinstance(opened, Found):
                yield opened
                continue
            found = found_in_log(opened, self._reference)
            counts.errors += 1
            counts.error_lines += opened.lines
            counts.cut += opened.text.cut
            counts.tracebacks += found.traceback
            if opened.parts is None:
                counts.known_by(TRACEBACK, opened.lines)
            elif found.occurrence.time is None and opened.parts.time:
                counts.time_not_read(opened.parts.time)
            yield found
