"""A line of JSON as the events in it: recorded errors, events of JSON logs, and lines that a wrapper brought along."""

from __future__ import annotations

from typing import NamedTuple

from policy_engine.simulate.formats import JSON_FORMATS, JSON_WRAPPERS, record
from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, JsonWrapper
from policy_engine.simulate.formats.line_format import Parts
from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.found import Found, found_in_entry
from policy_engine.simulate.reading.json_objects import object_in


class Wrapped(NamedTuple):
    """A line that a process wrote, and what was put around it."""

    wrapper: JsonWrapper
    parts: Parts


class JsonLines:
    """Reads JSON lines in all formats, or in one."""

    def __init__(self, counts: Counts, *, format_name: str | None, reference: float | None) -> None:
        self._counts = counts
        self._reference = reference
        self._forced = format_name is not None
        self._formats = tuple(each for each in JSON_FORMATS if format_name in (None, each.name))
        self._wrappers = tuple(each for each in JSON_WRAPPERS if format_name in (None, each.name))
        self._reads_records = format_name in (None, record.NAME)

    @property
    def wanted(self) -> bool:
        """Whether there is any JSON format to read."""
        return bool(self._reads_records or self._formats or self._wrappers)

    def read(
        self, line: str, number: int, *, in_record: bool, wanted: bool, outer: Parts | None = None
    ) -> list[Found] | Wrapped | None:
        """Return the errors of a line, none where it is an event that is none; ``None`` where the line is no event.

        ``in_record`` tells that the line may be part of a text record; ``wanted`` that the user calls it an error.
        """
        data = object_in(line)
        if data is None:
            return None
        try:
            return self._read(data, number, in_record=in_record, wanted=wanted, outer=outer)
        except RecursionError:  # objects in objects, as deep as the parser just bears
            return None

    def _read(
        self, data: Data, number: int, *, in_record: bool, wanted: bool, outer: Parts | None
    ) -> list[Found] | Wrapped | None:
        if self._reads_records and (
            self._forced or record.is_surely_record(data) or (not in_record and record.is_record(data))
        ):
            return self._record(data, number)
        for wrapper in self._wrappers:
            if wrapper.recognises(data):
                return Wrapped(wrapper, wrapper.parts(data))
        for each in self._formats:
            if (each.sure or not in_record) and each.recognises(data):
                return self._events(each, data, number, wanted=wanted, outer=outer)
        return None

    def _record(self, data: Data, number: int) -> list[Found] | None:
        occurrence = record.occurrence_of(data)
        if occurrence is None:
            return None
        traceback = bool(occurrence.stack)
        self._count(record.NAME, 1, tracebacks=traceback)
        return [Found(occurrence, number, record.id_of(data), traceback)]

    def _events(
        self, json_format: JsonFormat, data: Data, number: int, *, wanted: bool, outer: Parts | None
    ) -> list[Found]:
        entries = [entry for entry in json_format.entries(data) if entry.serious or wanted or _carries(entry)]
        found = [found_in_entry(entry, number, self._reference, outer) for entry in entries]
        self._count(json_format.name, len(found), tracebacks=sum(each.traceback for each in found))
        return found

    def _count(self, name: str, errors: int, *, tracebacks: int) -> None:
        counts = self._counts
        counts.known_by(name)
        counts.errors += errors
        counts.tracebacks += tracebacks
        if errors:
            counts.error_lines += 1
        else:
            counts.other += 1


def _carries(entry: Entry) -> bool:
    return bool(entry.traceback)
