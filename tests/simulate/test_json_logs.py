"""JSON lines as loggers write them; the samples were recorded from the libraries themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

from policy_engine.model import Frame

SAMPLES = Path(__file__).parent / "samples"
NOON = 1714564800.0


def sample(name: str):
    return read((SAMPLES / f"{name}.log").read_bytes())


@pytest.mark.parametrize(
    ("name", "format_name", "lines", "errors"),
    [
        ("structlog-json", "structlog", 4, 3),
        ("structlog-dict", "structlog", 4, 3),
        ("python-json-logger", "python-json-logger", 6, 3),
        ("ecs", "ecs", 3, 2),
        ("otel", "opentelemetry", 2, 1),
        ("loguru", "loguru", 2, 1),
    ],
)
def test_what_a_logger_recorded_is_read(name, format_name, lines, errors):
    found, counts = sample(name)
    assert (counts.lines, counts.unparsed) == (lines, 0)
    # The first line of the default formatter has a message and nothing else: by itself that is a recorded error.
    extra = name == "python-json-logger"
    assert counts.errors == errors + extra
    assert set(counts.formats) - {"record"} == {format_name}
    first = found[extra].occurrence
    assert (first.type, first.message) == ("ValueError", "bad cart")
    assert first.context["log_message"] == "it failed"
    assert [frame.function for frame in first.stack] == ["<module>", "boom"]


def test_causes_are_kept_where_the_logger_keeps_them():
    for name in ("structlog-json", "structlog-dict", "otel", "loguru"):
        causes = sample(name)[0][0].occurrence.causes
        assert [(cause.type, cause.message, cause.relation) for cause in causes] == [
            ("KeyError", "'apple'", "cause")
        ], name


def test_a_structured_traceback_says_what_the_printed_one_says():
    for printed, structured in zip(sample("structlog-json")[0], sample("structlog-dict")[0], strict=True):
        one, two = printed.occurrence, structured.occurrence
        assert (one.type, one.message, one.stack, one.causes) == (two.type, two.message, two.stack, two.causes)


def test_a_loguru_text_log_is_read_although_it_marks_the_frame_that_caught():
    found, counts = sample("loguru-text")
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [
        ("ValueError", "bad cart"),
        ("ExceptionGroup", "two (2 sub-exceptions)"),
    ]
    assert [len(each.occurrence.stack) for each in found] == [2, 2]
    assert [cause.type for cause in found[0].occurrence.causes] == ["KeyError"]
    assert counts.other == 1


def test_a_traceback_in_a_box_is_a_traceback():
    top = "╭──────────────── Traceback (most recent call last) ────────────────╮"
    text = f"""\
2024-05-01T12:00:17.988071Z [error    ] it failed                      user=7
{top}
│ /srv/shop/cart.py:4 in boom                                        │
│                                                                    │
│   ❱  4 │   │   {{}}["apple"]                                         │
╰────────────────────────────────────────────────────────────────────╯
KeyError: 'apple'

The above exception was the direct cause of the following exception:

{top}
│ /srv/shop/cart.py:18 in <module>                                   │
╰────────────────────────────────────────────────────────────────────╯
ValueError: bad cart
"""
    occurrence = the_error(text).occurrence
    assert (occurrence.type, occurrence.message) == ("ValueError", "bad cart")
    assert occurrence.stack == (Frame("/srv/shop/cart.py", 18, "<module>"),)
    assert [(cause.type, cause.message) for cause in occurrence.causes] == [("KeyError", "'apple'")]


@pytest.mark.parametrize(
    "event",
    [
        {"event": "down", "level": "error", "timestamp": "2024-05-01T12:00:00Z", "logger": "shop"},
        {"asctime": "2024-05-01 12:00:00,000", "levelname": "CRITICAL", "name": "shop", "message": "down"},
        {"@timestamp": "2024-05-01T12:00:00.000Z", "log": {"level": "ERROR", "logger": "shop"}, "message": "down"},
        {"@timestamp": "2024-05-01T12:00:00.000Z", "log.level": "fatal", "log.logger": "shop", "message": "down"},
        {
            "Timestamp": "1714564800000000000",
            "SeverityNumber": 21,
            "Body": "down",
            "InstrumentationScope": {"name": "shop"},
        },
        {"level": "error", "ts": NOON, "logger": "shop", "msg": "down", "caller": "a.go:3"},
        {"level": 50, "time": NOON * 1000, "pid": 7, "hostname": "web", "name": "shop", "msg": "down"},
        {"severity": "ALERT", "timestamp": "2024-05-01T12:00:00Z", "message": "down", "logger": "shop"},
        {"@t": "2024-05-01T12:00:00Z", "@l": "Error", "@mt": "down", "SourceContext": "shop"},
    ],
)
def test_an_event_at_error_or_worse_is_an_error(event):
    occurrence = the_error(json.dumps(event)).occurrence
    assert (occurrence.type, occurrence.message, occurrence.module) == ("", "down", "shop")
    assert occurrence.time == NOON


@pytest.mark.parametrize(
    "event",
    [
        {"event": "fine", "level": "warning", "timestamp": "2024-05-01T12:00:00Z"},
        {"levelname": "INFO", "message": "fine", "asctime": "x"},
        {"@timestamp": "2024-05-01T12:00:00.000Z", "log.level": "info", "message": "fine"},
        {"body": "fine", "severity_number": 13, "timestamp": "2024-05-01T12:00:00Z"},
        {"level": 40, "time": NOON * 1000, "pid": 7, "hostname": "web", "msg": "a warning of Pino"},
        {"level": "debug", "msg": "fine"},
    ],
)
def test_an_event_below_is_none_and_counted(event):
    found, counts = read(json.dumps(event))
    assert (found, counts.other) == ([], 1)


@pytest.mark.parametrize(
    "event",
    [
        {"event": "it failed", "level": "info", "exception": TRACEBACK},
        {"levelname": "DEBUG", "message": "it failed", "exc_info": TRACEBACK},
        {
            "@timestamp": "2024-05-01T12:00:00Z",
            "log.level": "warn",
            "message": "it failed",
            "error.stack_trace": TRACEBACK,
        },
        {"body": "it failed", "severity_text": "INFO", "attributes": {"exception.stacktrace": TRACEBACK}},
        {"level": "info", "msg": "it failed", "stack": TRACEBACK},
    ],
)
def test_an_event_that_carries_a_traceback_is_an_error_at_any_level(event):
    occurrence = the_error(json.dumps(event)).occurrence
    assert (occurrence.type, occurrence.message, len(occurrence.stack)) == ("KeyError", "'apple'", 1)
    assert occurrence.context["log_message"] == "it failed"


def test_what_was_tried_and_what_went_wrong_are_one_message():
    event = {"level": "error", "msg": "cannot load", "error": "dial tcp 192.0.2.1:80: connection refused"}
    assert errors_in(json.dumps(event)) == [("", "cannot load: dial tcp 192.0.2.1:80: connection refused")]


def test_the_exception_that_an_event_names_is_its_type():
    event = {"@timestamp": "2024-05-01T12:00:00Z", "log.level": "error", "message": "it failed"}
    event |= {
        "error": {"type": "ValueError", "message": "bad cart", "stack_trace": '  File "a.py", line 3, in f\n    g()\n'}
    }
    occurrence = the_error(json.dumps(event)).occurrence
    assert (occurrence.type, occurrence.message) == ("ValueError", "bad cart")
    assert occurrence.mro == ("ValueError", "Exception", "BaseException")
    assert occurrence.stack == (Frame("a.py", 3, "f"),)


def test_a_java_event_has_its_class_and_frames():
    event = {"@timestamp": "2024-05-01T12:00:00Z", "log.level": "ERROR", "message": "it failed"}
    event["error.stack_trace"] = "java.io.IOException: lost\n\tat net.Client.call(Client.java:12)\n"
    occurrence = the_error(json.dumps(event)).occurrence
    assert (occurrence.type, occurrence.message, len(occurrence.stack)) == ("java.io.IOException", "lost", 1)


def test_a_line_of_the_collector_holds_many_events():
    def a_record(text, number):
        return {"timeUnixNano": "1714564800000000000", "severityNumber": number, "body": {"stringValue": text}}

    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    scope = {"scope": {"name": "shop.db"}, "logRecords": [a_record("a", 17), a_record("b", 9), a_record("c", 21)]}
    found, counts = read(json.dumps({"resourceLogs": [{"resource": service, "scopeLogs": [scope]}]}))
    assert [each.occurrence.message for each in found] == ["a", "c"]
    assert found[0].occurrence.context == {"logger": "shop.db", "service": "shop"}
    assert (counts.lines, counts.error_lines, counts.errors) == (1, 1, 2)


def test_json_and_text_may_alternate():
    event = json.dumps({"event": "down", "level": "error", "timestamp": "2024-05-01T12:00:00Z"})
    text = f"ERROR:shop:it failed\n{TRACEBACK}{event}\n{TRACEBACK}INFO:shop:ok\n{event}\n"
    assert [kind for kind, _ in errors_in(text)] == ["KeyError", "", "KeyError", ""]


@pytest.mark.parametrize("name", ["structlog-json", "loguru", "ecs", "otel", "python-json-logger"])
def test_fields_of_the_wrong_kind_are_never_fatal(name):
    for line in (SAMPLES / f"{name}.log").read_text().splitlines():
        event = json.loads(line)
        for key in event:
            for value in (None, 7, [], {}, [7], {"a": 7}, "text", True, [{"value": 7}]):
                read(json.dumps({**event, key: value}))
