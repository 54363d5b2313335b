"""Google Cloud's log entries as exported: ``jsonPayload`` as a service logged it, or a line in ``textPayload``.

An array of them is what ``gcloud logging read --format=json`` prints. What a service itself writes as JSON, with a
severity and a message, is a line of a JSON log like others.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.simulate.formats.json_format import (
    Data,
    Entry,
    JsonFormat,
    JsonWrapper,
    context_of,
    object_at,
    text_in,
)
from policy_engine.simulate.formats.levels import SERIOUS
from policy_engine.simulate.formats.line_format import Parts, Wraps

NAME = "google-cloud"

_MESSAGES = ("message", "msg", "event", "textPayload", "status.message")
_TRACEBACKS = ("exception", "exc_info", "traceback", "stack_trace", "stack", "error.stack")
_CONTAINER = ("resource.labels.container_name", "resource.labels.service_name", "resource.labels.function_name")
_HOST = ("resource.labels.pod_name", "resource.labels.instance_id", "labels.instanceId")


def _holds_text(data: Data) -> bool:
    return isinstance(data.get("textPayload"), str) and "timestamp" in data


def _text_parts(data: Data) -> Parts:
    return Parts(
        message=text_in(data, "textPayload").rstrip("\n"),
        time=text_in(data, "timestamp"),
        level=text_in(data, "severity"),
        logger=text_in(data, *_CONTAINER),
        host=text_in(data, *_HOST),
        thread=text_in(data, "logName").rpartition("%2F")[2],
    )


def _recognises(data: Data) -> bool:
    payload = data.get("jsonPayload", data.get("protoPayload"))
    return isinstance(payload, dict) and ("timestamp" in data or "severity" in data)


def _entries(data: Data) -> Sequence[Entry]:
    payload = object_at(data, "jsonPayload") or object_at(data, "protoPayload")
    message = text_in(payload, *_MESSAGES)
    printed = text_in(payload, *_TRACEBACKS)
    return (
        Entry(
            message=message,
            serious=text_in(data, "severity") in SERIOUS,
            time=data.get("timestamp"),
            logger=text_in(payload, "logger", "logger_name", "name") or text_in(data, *_CONTAINER),
            traceback=printed if "\n" in printed else "",
            function=text_in(data, "sourceLocation.function"),
            context=context_of(data, host=_HOST[0], service=_CONTAINER[1]),
        ),
    )


FORMATS = (JsonFormat(NAME, _recognises, _entries),)

WRAPPERS = (JsonWrapper(NAME, _holds_text, _text_parts, Wraps.RECORDS, SERIOUS),)
