"""OpenTelemetry's log records: one a line as SDKs print them, or many a line as the collector writes OTLP to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policy_engine.simulate.formats.json_format import Data, Entry, JsonFormat, object_at, text_in
from policy_engine.simulate.formats.levels import is_serious

NAME = "opentelemetry"

_ERROR = 17  # "Severity number" of the log data model: from 17, ERROR, to 24, FATAL4
_MAX_DEPTH = 8


def _recognises(data: Data) -> bool:
    if "resourceLogs" in data or "resource_logs" in data:
        return True
    names = {_plain_name(name) for name in data}
    return "body" in names and bool(names & {"severitynumber", "severitytext"})


def _entries(data: Data) -> Sequence[Entry]:
    if "body" in {_plain_name(name) for name in data}:
        return (_entry(data, "", {}),)
    return tuple(_of_collector(data))


def _of_collector(data: Data) -> Iterator[Entry]:
    for resource in _objects(data, "resourceLogs", "resource_logs"):
        service = _attributes(object_at(resource, "resource").get("attributes"))
        for scope in _objects(resource, "scopeLogs", "scope_logs", "instrumentationLibraryLogs"):
            for record in _objects(scope, "logRecords", "log_records", "logs"):
                yield _entry(record, text_in(scope, "scope.name"), service)


def _objects(data: Data, *names: str) -> Iterator[Data]:
    for name in names:
        found = data.get(name)
        if isinstance(found, list):
            yield from (item for item in found if isinstance(item, dict))
            return


def _entry(record: Data, scope: str, service: Data) -> Entry:
    said = {_plain_name(name): value for name, value in record.items()}
    attributes = _attributes(said.get("attributes"))
    resource = said.get("resource")
    service = service or _attributes(resource.get("attributes", resource) if isinstance(resource, dict) else None)
    number = _number(said.get("severitynumber"))
    text = said.get("severitytext")
    time = said.get("timeunixnano") or said.get("timestamp") or said.get("observedtimeunixnano")
    context = {"service": service.get("service.name"), "trace": said.get("traceid"), "host": service.get("host.name")}
    return Entry(
        message=_shown(_value(said.get("body"))),
        serious=number >= _ERROR if number else is_serious(text),
        time=_number(time) or time,
        logger=text_in(said, "instrumentationscope.name", "logger") or scope,
        type=text_in(attributes, "exception.type"),
        error=text_in(attributes, "exception.message"),
        traceback=text_in(attributes, "exception.stacktrace"),
        function=text_in(attributes, "code.function.name", "code.function"),
        context={name: value for name, value in context.items() if isinstance(value, str) and value.strip("0x")},
    )


def _plain_name(name: str) -> str:
    """The same field is ``severityNumber``, ``severity_number`` and ``SeverityNumber``."""
    return name.replace("_", "").lower()


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 32:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _attributes(value: object) -> dict[str, Any]:
    """Attributes as an object, or as OTLP's list of keys and typed values."""
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    if isinstance(value, list):
        pairs = (item for item in value if isinstance(item, dict) and isinstance(item.get("key"), str))
        return {item["key"]: _value(item.get("value")) for item in pairs}
    return {}


def _value(value: object, depth: int = _MAX_DEPTH) -> object:
    """A value without the type that OTLP wraps it in."""
    if isinstance(value, dict) and len(value) == 1 and depth:
        ((kind, inner),) = value.items()
        if isinstance(kind, str) and kind.endswith(("Value", "_value")):
            return _value(inner, depth - 1)
    return value


def _shown(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


FORMATS = (JsonFormat(NAME, _recognises, _entries),)
