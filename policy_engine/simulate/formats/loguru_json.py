"""loguru's lines with ``serialize=True``: a ``record``, and its ``text``, which holds the traceback."""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, context_of, object_at, text_in, value_in
from policy_engine.simulate.formats.levels import is_serious
from policy_engine.simulate.formats.printed_exception import HEADER

NAME = "loguru"


def _recognises(data: Data) -> bool:
    return isinstance(data.get("text"), str) and "level" in object_at(data, "record")


def _entries(data: Data) -> Sequence[Entry]:
    record = object_at(data, "record")
    text = text_in(data, "text")
    exception = object_at(record, "exception")
    return (
        Entry(
            message=text_in(record, "message"),
            serious=is_serious(text_in(record, "level.name")),
            time=value_in(record, "time.timestamp"),
            logger=text_in(record, "name"),
            type=text_in(exception, "type"),
            error=text_in(exception, "value"),
            traceback=text if exception and HEADER in text else "",
            function=text_in(record, "function"),
            context=context_of(record, process="process.id", thread="thread.name"),
        ),
    )


FORMATS = (JsonFormat(NAME, _recognises, _entries),)
