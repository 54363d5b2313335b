"""JSON over many lines, arrays of JSON, and the entries of Google Cloud."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

NOON = 1714564800.0
APPLE = ("KeyError", "'apple'")


def otel(number: int = 17, **attributes: object) -> dict[str, Any]:
    """What OpenTelemetry's console exporter of Python prints, indented."""
    return {
        "body": "it failed",
        "severity_number": number,
        "severity_text": "ERROR" if number >= 17 else "INFO",
        "attributes": attributes,
        "dropped_attributes": 0,
        "timestamp": "2024-05-01T12:00:00.000000Z",
        "trace_id": "0x00000000000000000000000000000000",
        "resource": {"attributes": {"service.name": "shop"}, "schema_url": ""},
    }


FAILED = otel(**{"exception.type": "KeyError", "exception.message": "'apple'", "exception.stacktrace": TRACEBACK})


def indented(*events: object, indent: int = 4) -> str:
    return "".join(json.dumps(event, indent=indent) + "\n" for event in events)


def test_objects_over_many_lines_are_events():
    text = indented(otel(9), FAILED, otel(9))
    found, counts = read(text)
    error = found[0].occurrence
    assert ((error.type, error.message), error.function, error.time) == (APPLE, "add", NOON)
    lines = indented(FAILED).count("\n")
    assert (counts.errors, counts.error_lines, counts.other) == (1, lines, text.count("\n") - lines)
    assert found[0].line == indented(otel(9)).count("\n") + 1
    assert counts.formats == {"opentelemetry": 3}


@pytest.mark.parametrize(
    "event",
    [
        {"level": "error", "message": "down", "time": "2024-05-01T12:00:00Z", "tags": [{"a": 1}, []]},
        {"event": "down", "level": "error", "timestamp": "2024-05-01T12:00:00Z"},
        {"type": "", "message": "down", "time": NOON},
        {"severity": "ERROR", "timestamp": "2024-05-01T12:00:00Z", "jsonPayload": {"message": "down"}},
        {"severity": "ERROR", "timestamp": "2024-05-01T12:00:00Z", "textPayload": "down\n"},
    ],
)
def test_an_event_may_stand_on_one_line_on_many_and_in_arrays(event):
    quiet = {"level": "info", "event": "up"}
    for text in (
        indented(event, quiet, indent=2),
        indented([event, quiet]),
        json.dumps([event, quiet]),
        indented(event).rstrip() + ",\n",
    ):
        found, counts = read(text)
        assert [(each.occurrence.message, each.occurrence.time) for each in found] == [("down", NOON)], text
        assert counts.unparsed == 0


def test_an_array_too_long_for_a_line_is_read_as_far_as_it_goes():
    events = [{"event": f"down {number}", "level": "error"} for number in range(30_000)]
    found, counts = read(json.dumps(events) + "\n")
    assert [each.occurrence.message for each in found[:2]] == ["down 0", "down 1"]
    assert (counts.lines, counts.error_lines, counts.cut) == (1, 1, 1)
    assert 20_000 < len(found) < 30_000


def test_objects_between_records_and_tracebacks_are_events_of_their_own():
    text = f"ERROR:shop:it failed\n{TRACEBACK}{indented(FAILED)}INFO:shop:ok\n{TRACEBACK}"
    assert errors_in(text) == [APPLE] * 3


def test_what_is_no_event_keeps_its_place_in_the_text_of_a_record():
    body = indented({"rate": {"usd": 1.1}, "level": "error", "message": "of the peer"})
    found, counts = read(f"ERROR:shop:the peer said\n{body}INFO:shop:ok\n")
    assert [each.occurrence.message for each in found] == [f"the peer said\n{body.rstrip()}"]
    assert (counts.error_lines, counts.other) == (1 + body.count("\n"), 1)


@pytest.mark.parametrize("after", ["", "ERROR:shop:down\n", TRACEBACK, "{\n", "[\n"])
def test_an_object_that_is_cut_costs_no_line_after_it(after):
    cut = "".join(indented(FAILED).splitlines(keepends=True)[:6])
    found, counts = read(cut + after)
    assert len(found) == (after not in ("", "{\n", "[\n"))
    assert counts.lines == 6 + after.count("\n")


def test_an_object_in_the_log_of_a_container_is_put_together():
    lines = "INFO:shop:up\n" + indented(FAILED) + "INFO:shop:down\n"
    text = "".join(f"shop-1  | {line}\nother-1 | INFO:other:fine\n" for line in lines.splitlines())
    found, counts = read(text)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE]
    assert counts.error_lines == indented(FAILED).count("\n")


def test_lines_of_a_container_that_are_no_object_after_all_are_taken_one_by_one():
    lines = ["{", '  "a": 1', *TRACEBACK.splitlines()]
    text = "".join(f"shop-1  | {line}\n" for line in [*lines, "INFO:shop:up", "{", "  1"])
    found, counts = read(text)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE]
    assert (counts.lines, counts.error_lines) == (10, 5)


def test_google_cloud_exports_a_traceback_whole_or_line_by_line():
    def entry(text: str) -> dict[str, str]:
        return {"textPayload": text, "severity": "ERROR", "timestamp": "2024-05-01T12:00:00Z", "insertId": "a"}

    for entries in ([entry(TRACEBACK)], [entry(line) for line in TRACEBACK.splitlines()]):
        text = "".join(json.dumps(each) + "\n" for each in entries)
        error = the_error(text).occurrence
        assert ((error.type, error.message), error.time) == (APPLE, NOON)


def test_google_cloud_tells_who_wrote():
    labels = {"resource": {"labels": {"container_name": "web", "pod_name": "web-1"}}}
    entry = {"severity": "CRITICAL", "timestamp": "2024-05-01T12:00:00Z", **labels}
    for payload in ({"textPayload": "down"}, {"jsonPayload": {"message": "down"}}):
        error = the_error(json.dumps({**entry, **payload})).occurrence
        assert (error.message, error.module, error.context["host"]) == ("down", "web", "web-1")


def test_a_traceback_in_the_message_of_a_json_log_is_read():
    event = {"severity": "ERROR", "message": f"it failed\n{TRACEBACK}", "timestamp": "2024-05-01T12:00:00Z"}
    error = the_error(json.dumps(event)).occurrence
    assert ((error.type, error.message), error.function) == (APPLE, "add")


# Pieces of long lines


def piece(text: str, tag: str) -> str:
    return f"2024-05-01T12:00:00.000000000Z stderr {tag} {text}\n"


def test_pieces_of_a_line_belong_to_its_error():
    found, counts = read(
        piece("ERROR:sh", "P") + piece("op:it ", "P") + piece("failed", "F") + piece("INFO:shop:ok", "F")
    )
    assert [(each.line, each.occurrence.message) for each in found] == [(1, "it failed")]
    assert (counts.error_lines, counts.other) == (3, 1)


def test_pieces_of_json_are_put_together_before_they_are_read():
    event = json.dumps({"event": "down", "level": "error", "timestamp": "2024-05-01T12:00:00Z"})
    found, counts = read(piece(event[:20], "P") + piece(event[20:], "F"))
    assert [each.occurrence.message for each in found] == ["down"]
    assert counts.error_lines == 2


def test_a_line_whose_last_piece_is_missing_is_read_as_far_as_it_goes():
    found, counts = read(piece("INFO:shop:ok", "F") + piece("ERROR:shop:it fa", "P"))
    assert [each.occurrence.message for each in found] == ["it fa"]
    assert (counts.error_lines, counts.other) == (1, 1)


def test_pieces_of_a_record_that_turns_out_to_carry_a_traceback_are_its_own():
    text = piece("INFO:shop:it ", "P") + piece("failed", "F")
    text += "".join(piece(line, "F") for line in TRACEBACK.splitlines())
    found, counts = read(text)
    assert [(each.line, each.occurrence.type) for each in found] == [(1, "KeyError")]
    assert counts.error_lines == 7
