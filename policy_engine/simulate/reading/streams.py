"""Lines that a container runtime or a system log put a prefix around: each process's lines are a log of their own.

A process may write records in any format, JSON among them; what it writes in none is a record of the system log, or a
further line of its own last record. How many processes are kept apart is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from policy_engine.simulate.formats import TEXT_FORMATS
from policy_engine.simulate.formats.line_format import Parts, Wraps
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.formats.python_logging import BARE, BARE_IN_TEXT
from policy_engine.simulate.reading.assembly import Assembly, Queue
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.json_blocks import JsonBlock, opens_block
from policy_engine.simulate.reading.json_lines import JsonLines
from policy_engine.simulate.reading.open_error import Quiet
from policy_engine.simulate.reading.recogniser import Recogniser

_MAX_STREAMS = 64
_MAX_PIECES = 1 << 20
_IN_LINES = tuple(each for each in TEXT_FORMATS if each.wraps is Wraps.NOTHING and each.starts)
_IN_RECORDS = (*(each for each in _IN_LINES if each is not BARE and not each.alone), BARE_IN_TEXT)

Stream = tuple[str, ...]


class _Line(NamedTuple):
    """A line of a process, put together, and what its wrapping says of it."""

    number: int
    outer: Parts
    wraps: Wraps
    text: str
    serious: bool


class _Pieces:
    """A long line of which so far only pieces have come."""

    __slots__ = ("lines", "size")

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.size = 0

    def add(self, line: _Line) -> None:
        self.lines.append(line)
        self.size += len(line.text) + 1

    def joined(self) -> _Line:
        """The line as it was written; it begins where its first piece stands."""
        first, text = self.lines[0], "".join(line.text for line in self.lines)
        return first._replace(outer=first.outer._replace(message=text, whole=True), text=text)


class Streams:
    """Sorts wrapped lines by the process that wrote them, and reads each process's log."""

    def __init__(
        self, counts: Counts, queue: Queue, json_lines: JsonLines, error_when: Callable[[str], bool] | None
    ) -> None:
        self._counts = counts
        self._queue = queue
        self._json_lines = json_lines
        self._error_when = error_when
        self._in_lines = Recogniser(_IN_LINES)
        self._in_records = Recogniser(_IN_RECORDS)
        self._assemblies: OrderedDict[Stream, Assembly] = OrderedDict()
        self._pieces: dict[Stream, _Pieces] = {}
        self._blocks: dict[Stream, tuple[JsonBlock, list[_Line]]] = {}

    def take(self, number: int, outer: Parts, wraps: Wraps, *, serious: bool) -> Assembly | None:
        """Take one line; ``serious`` is what its wrapping says of it. Returns the log that it belongs to."""
        stream = (*outer.stream, outer.logger)
        text = outer.message
        if self._pieces or self._blocks or not outer.whole or text.endswith("{"):
            return self._take_part(stream, _Line(number, outer, wraps, text, serious))
        return self._sort(stream, number, outer, wraps, text, serious=serious)

    def close_all(self) -> None:
        """End every open error: nothing more comes."""
        for stream, pieces in list(self._pieces.items()):
            del self._pieces[stream]
            self._take_joined(stream, pieces.joined(), len(pieces.lines))
        for stream in list(self._blocks):
            self._give_back(stream)
        for assembly in self._assemblies.values():
            assembly.close_all()

    def _sort(self, stream: Stream, number: int, outer: Parts, wraps: Wraps, text: str, *, serious: bool) -> Assembly:
        """Take one whole line that stands for itself."""
        assembly = self._assembly_of(stream)
        first, _, rest = text.partition("\n")
        wanted = self._error_when is not None and self._error_when(text)
        if first.startswith("{") and self._took_json(assembly, number, first, outer, wanted=wanted):
            return assembly
        found = (self._in_lines if wraps is Wraps.LINES else self._in_records).find(first)
        if found is not None:
            line_format, match = found
            level = match["level"]
            serious = wanted or (level in line_format.serious if level else serious)
            self._record(assembly, Quiet(number, line_format, match, outer, rest), text, serious=serious)
        elif wraps is Wraps.LINES or (assembly.inner and assembly.seems_to_go_on(first)):
            if wanted and not assembly.in_record:
                assembly.lone_error(number, text, outer)
            else:
                assembly.line(number, first, outer)
                assembly.add_to_error(rest)
        else:
            self._record(assembly, Quiet(number, None, None, outer), text, serious=serious or wanted)
        return assembly

    def _took_block(self, stream: Stream, line: _Line) -> bool:
        """Take a line of an object over many lines, or one that may begin it."""
        pending = self._blocks.get(stream)
        if pending is None:
            if not opens_block(line.text) or len(self._blocks) >= _MAX_STREAMS:
                return False
            self._blocks[stream] = (JsonBlock(line.text), [line])
            return True
        block, lines = pending
        if not block.takes(line.text):
            self._give_back(stream)
            return False
        lines.append(line)
        if not block.complete:
            return True
        counts, errors = self._counts, self._counts.errors
        if not self._took_json(self._assembly_of(stream), lines[0].number, block.text, line.outer, wanted=False):
            self._give_back(stream)
            return True
        del self._blocks[stream]
        if counts.errors > errors:
            counts.error_lines += len(lines) - 1
        else:
            counts.other += len(lines) - 1
        return True

    def _give_back(self, stream: Stream) -> None:
        """Take the lines of what turned out to be no object, each for itself."""
        for line in self._blocks.pop(stream)[1]:
            self._sort(stream, *line[:4], serious=line.serious)

    def _record(self, assembly: Assembly, quiet: Quiet, text: str, *, serious: bool) -> None:
        if serious or assembly.opened or HEADER in text:
            assembly.record(quiet, serious=serious)
        else:
            self._counts.other += 1
            assembly.rest(quiet)

    def _took_json(self, assembly: Assembly, number: int, text: str, outer: Parts, *, wanted: bool) -> bool:
        read = self._json_lines.read(text, number, in_record=assembly.in_record, wanted=wanted, outer=outer)
        if not isinstance(read, list):
            return False
        assembly.close_all()
        self._queue.extend(read)
        return True

    def _take_part(self, stream: Stream, line: _Line) -> Assembly | None:
        """Take a line that may be a piece of a longer one, or of an object; ``None`` while more of that is to come."""
        pieces = self._pieces.get(stream)
        if pieces is None:
            if line.outer.whole or len(self._pieces) >= _MAX_STREAMS:
                return self._take_joined(stream, line, 1)
            pieces = self._pieces[stream] = _Pieces()
        pieces.add(line)
        if not line.outer.whole and pieces.size <= _MAX_PIECES:
            return None
        del self._pieces[stream]
        return self._take_joined(stream, pieces.joined(), len(pieces.lines))

    def _take_joined(self, stream: Stream, line: _Line, lines: int) -> Assembly:
        """Take a line that stood on so many lines of the input."""
        counts, errors = self._counts, self._counts.errors
        if (self._blocks or line.text.endswith("{")) and self._took_block(stream, line):
            counts.other += lines - 1
            return self._assembly_of(stream)
        assembly = self._sort(stream, *line[:4], serious=line.serious)
        if counts.errors > errors:
            counts.error_lines += lines - 1
        else:
            assembly.widen(line.number, lines - 1)
        return assembly

    def _assembly_of(self, stream: Stream) -> Assembly:
        assembly = self._assemblies.get(stream)
        if assembly is None:
            assembly = Assembly(self._counts, self._queue, text_is_known=True)
            self._assemblies[stream] = assembly
            if len(self._assemblies) > _MAX_STREAMS:
                self._assemblies.popitem(last=False)[1].close_all()
        elif assembly.opened:
            self._assemblies.move_to_end(stream)
        return assembly
