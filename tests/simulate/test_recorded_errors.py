"""Recorded errors as JSON Lines."""

from __future__ import annotations

import json

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, shared_data, the_error

from policy_engine import Engine, VirtualClock
from policy_engine.model import Cause, Frame


def record(**fields: object) -> str:
    return json.dumps(fields) + "\n"


def test_a_type_or_a_message_is_all_that_a_record_needs():
    text = record(type="builtins.KeyError") + record(message="disk full")
    assert errors_in(text) == [("KeyError", ""), ("", "disk full")]


def test_a_record_keeps_its_id_as_it_came_in():
    found, _ = read(record(id=7, type="E") + record(id="a-1", type="E") + record(type="E"))
    assert [each.id for each in found] == [7, "a-1", None]


def test_everything_that_a_record_says_is_read():
    occurrence = the_error(
        record(
            type="shop.CartError",
            mro=[
                "shop.CartError",
                "builtins.ValueError",
                "builtins.Exception",
                "builtins.BaseException",
                "builtins.object",
            ],
            message="no cart",
            time="2024-05-01T12:00:00+02:00",
            attributes={"code": 7, "empty": None},
            cause=[{"type": "builtins.KeyError", "message": "'k'"}],
            module="shop.cart",
            function="add",
            context={"user": "u1"},
        )
    ).occurrence
    assert occurrence.type == "shop.CartError"
    assert occurrence.mro == ("shop.CartError", "ValueError", "Exception", "BaseException")
    assert occurrence.time == 1714557600.0
    assert occurrence.attributes == {"code": 7}
    assert occurrence.causes == (
        Cause("KeyError", ("KeyError", "LookupError", "Exception", "BaseException"), "'k'", {}, "cause"),
    )
    assert (occurrence.module, occurrence.function, occurrence.context) == ("shop.cart", "add", {"user": "u1"})


def test_attrs_is_another_word_for_attributes():
    assert the_error(record(type="E", attrs={"errno": 5})).occurrence.attributes == {"errno": 5}


def test_what_was_decided_elsewhere_is_never_read():
    occurrence = the_error(record(type="E", category="NETWORK", severity="LOW", retryable=True)).occurrence
    assert (occurrence.category, occurrence.severity, occurrence.retryable) == ("UNKNOWN", "MEDIUM", False)


def test_a_traceback_fills_what_is_missing():
    occurrence = the_error(record(traceback=TRACEBACK)).occurrence
    assert (occurrence.type, occurrence.message) == ("KeyError", "'apple'")
    assert occurrence.stack == (Frame("/srv/shop/cart.py", 12, "add"),)
    assert occurrence.function == "add"


def test_what_a_record_says_itself_wins_over_its_traceback():
    occurrence = the_error(record(type="shop.E", message="other", traceback=TRACEBACK)).occurrence
    assert (occurrence.type, occurrence.message, len(occurrence.stack)) == ("shop.E", "other", 1)


def test_causes_and_group_members_come_from_the_traceback_where_the_record_lists_none():
    printed = TRACEBACK + "\nDuring handling of the above exception, another exception occurred:\n\n" + TRACEBACK
    causes = the_error(record(type="KeyError", message="'apple'", cause=[], traceback=printed)).occurrence.causes
    assert [(cause.type, cause.relation) for cause in causes] == [("KeyError", "context")]


@pytest.mark.parametrize(
    "printed",
    [
        TRACEBACK + "\nDuring handling of the above exception, another exception occurred:\n\n" + TRACEBACK,
        # The last exception came from nowhere, so its own stack is empty.
        TRACEBACK + "\nThe above exception was the direct cause of the following exception:\n\nValueError: bad\n",
        TRACEBACK.rstrip() + '\n"""\nand the message goes on\n',
        "Traceback (most recent call last):\nKeyError: 'apple'\n",
        "KeyError: 'apple'\n",
        TRACEBACK * 2,
        "  File \"cut.py\", line 1, in f\n    x\nKeyError: 'apple'\n",
    ],
)
def test_a_record_that_says_its_type_has_the_stack_that_its_traceback_alone_gives(printed):
    alone = the_error(record(traceback=printed)).occurrence
    told = the_error(record(type=alone.type, message=alone.message, traceback=printed)).occurrence
    assert (told.stack, told.causes) == (alone.stack, alone.causes)


def test_causes_may_be_nested_or_alone():
    nested = record(type="A", cause={"type": "B", "cause": {"type": "C", "relation": "context"}})
    causes = the_error(nested).occurrence.causes
    assert [(cause.type, cause.relation) for cause in causes] == [("B", "cause"), ("C", "context")]


def test_a_handled_error_is_read_back_as_it_was():
    engine = Engine(clock=VirtualClock(1714557600.0), dry=True)
    try:
        try:
            open("/no/such/file")  # noqa: PTH123, SIM115  the error is wanted
        except OSError as error:
            raise ValueError("bad settings") from error
    except ValueError as error:
        info = engine.handle(error, module="shop", function="load", context={"user": "u1"})
    found = the_error(info.to_json() + "\n")
    again = engine.process(found.occurrence)
    assert found.id == info.id
    for name in (
        "time",
        "type",
        "mro",
        "message",
        "attributes",
        "causes",
        "stack",
        "module",
        "function",
        "fingerprint",
    ):
        assert getattr(again, name) == getattr(info, name), name
    assert dict(again.context) == dict(info.context)


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"type": "E", "message": {"a": 1}}, "message", '{"a": 1}'),
        ({"type": "E", "message": None}, "message", ""),
        ({"type": "E", "mro": "E"}, "mro", ("E",)),
        ({"type": "E", "mro": [1, "X"]}, "mro", ("E", "X")),
        ({"type": "E", "cause": [None, 3]}, "causes", ()),
        ({"type": "E", "attributes": [1]}, "attributes", {}),
        ({"type": "E", "context": "x"}, "context", {}),
        ({"type": "E", "time": "soon"}, "time", None),
        ({"type": "E", "stack": [{"file": "a", "line": "x"}, 7]}, "stack", (Frame("a", 0, ""),)),
        (
            {"type": "E", "traceback": ["Traceback (most recent call last):\n", '  File "a", line 1, in f\n']},
            "function",
            "f",
        ),
        ({"message": "\ud800"}, "message", "?"),
    ],
)
def test_a_field_of_the_wrong_kind_counts_as_missing_or_as_text(fields, name, value):
    assert getattr(the_error(json.dumps(fields)).occurrence, name) == value


def test_what_is_no_record_is_counted_and_shown_never_fatal():
    lines = ["not json", '{"id": 1}', "[1, 2]", '{"type": "E"', "", '{"type": "E"}', '"text"', "{" * 5000]
    found, counts = read("\n".join(lines))
    assert len(found) == 1
    assert (counts.lines, counts.error_lines, counts.other, counts.unparsed) == (8, 1, 1, 6)
    assert counts.samples[0] == (1, "not json")


def test_a_line_of_a_json_log_is_no_record_because_it_has_a_message():
    found, counts = read('{"level": "info", "message": "started"}\n', format_name=None)
    assert (found, counts.other) == ([], 1)


def test_an_object_inside_a_text_log_belongs_to_its_record():
    text = 'DEBUG:http:the body was\n{"type": "NotFound", "message": "no such user"}\nINFO:http:done\n'
    assert read(text)[0] == []


def test_a_record_among_the_lines_of_a_text_log_is_a_record():
    text = f"INFO:shop:started\n{record(type='E', mro=['E'])}ERROR:shop:bad\n{record(type='F', traceback=TRACEBACK)}"
    assert [kind for kind, _ in errors_in(text)] == ["E", "", "F"]


def test_the_shared_exceptions_are_all_read():
    path = shared_data("exceptions", "dev.jsonl")
    found, counts = read(path.read_bytes())
    assert (counts.errors, counts.unparsed) == (409, 0)
    assert all(each.occurrence.stack for each in found)


def test_the_shared_exceptions_are_all_found_by_their_tracebacks_alone():
    rows = [json.loads(line) for line in shared_data("exceptions", "dev.jsonl").read_text().splitlines()]
    found, _ = read("".join(f"ERROR:root:it failed\n{row['traceback']}" for row in rows))
    assert [each.occurrence.type for each in found] == [row["type"].removeprefix("builtins.") for row in rows]
    wrong = [
        row["id"] for row, each in zip(rows, found, strict=True) if each.occurrence.message != row["message"].rstrip()
    ]
    assert wrong == ["dev-0185"]  # whose recorded message was shortened
