"""Lines that a container runtime or a system log put a prefix around: each process's lines are a log of their own.

A process may write records in any format, JSON among them; what it writes in none is a record of the system log, or a
further line of its own last record. How many processes are kept apart is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from policy_engine.simulate.formats import TEXT_FORMATS
from policy_engine.simulate.formats.line_format import Parts, Wraps
from policy_engine.simulate.formats.printed_exception import HEADER
from policy_engine.simulate.formats.python_logging import BARE
from policy_engine.simulate.reading.assembly import Assembly, Queue
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.json_lines import JsonLines
from policy_engine.simulate.reading.open_error import Quiet
from policy_engine.simulate.reading.recogniser import Recogniser

_MAX_STREAMS = 64
_MAX_PIECES = 1 << 20
_IN_LINES = tuple(each for each in TEXT_FORMATS if each.wraps is Wraps.NOTHING and each.starts)
# A word such as ALERT in the text of a system log is no level.
_IN_RECORDS = tuple(each for each in _IN_LINES if each is not BARE)

Stream = tuple[str, ...]


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
        self._pieces: dict[Stream, str] = {}

    def take(self, number: int, outer: Parts, wraps: Wraps, *, serious: bool) -> Assembly | None:
        """Take one line; ``serious`` is what its wrapping says of it. Returns the log that it belongs to."""
        stream = (*outer.stream, outer.logger)
        text = self._joined(stream, outer)
        if text is None:
            self._counts.other += 1
            return None
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

    def close_all(self) -> None:
        """End every open error: nothing more comes."""
        for assembly in self._assemblies.values():
            assembly.close_all()

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

    def _joined(self, stream: Stream, outer: Parts) -> str | None:
        """The whole of a line that came in pieces; ``None`` while more of it is to come."""
        text = outer.message
        if self._pieces:
            text = self._pieces.pop(stream, "") + text
        if outer.whole or len(text) > _MAX_PIECES:
            return text
        if len(self._pieces) < _MAX_STREAMS:
            self._pieces[stream] = text
            return None
        return text

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
