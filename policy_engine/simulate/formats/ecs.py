"""Elastic Common Schema: ``@timestamp``, ``log.level``, ``message`` and ``error.*``, with dots in names or nested."""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, context_of, text_in
from policy_engine.simulate.formats.levels import is_serious

NAME = "ecs"


def _recognises(data: Data) -> bool:
    return "@timestamp" in data and bool("ecs.version" in data or "ecs" in data or text_in(data, "log.level"))


def _entries(data: Data) -> Sequence[Entry]:
    return (
        Entry(
            message=text_in(data, "message"),
            serious=is_serious(text_in(data, "log.level")),
            time=data.get("@timestamp"),
            logger=text_in(data, "log.logger"),
            type=text_in(data, "error.type"),
            error=text_in(data, "error.message"),
            traceback=text_in(data, "error.stack_trace"),
            function=text_in(data, "log.origin.function"),
            context=context_of(
                data, service="service.name", host="host.name", process="process.pid", thread="process.thread.name"
            ),
        ),
    )


FORMATS = (JsonFormat(NAME, _recognises, _entries),)
