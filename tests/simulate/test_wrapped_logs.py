"""Lines of processes inside a system log or a container's log."""

from __future__ import annotations

import io
import json

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

from policy_engine.simulate.reading import Reader

NOON = 1714564800.0
APPLE = ("KeyError", "'apple'")
SYSLOG = "May  1 12:00:00 web1 shop[4711]: "
RFC_5424 = "<{}>1 2024-05-01T12:00:00.000Z web1 shop 4711 ID47 - "
CRI = "2024-05-01T12:00:00.000000000Z stderr F "


def prefixed(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def docker(text: str, stream: str = "stderr") -> str:
    lines = ({"log": f"{line}\n", "stream": stream, "time": "2024-05-01T12:00:00.0Z"} for line in text.splitlines())
    return "".join(json.dumps(line) + "\n" for line in lines)


def journal(text: str, **fields: object) -> str:
    own = {"__REALTIME_TIMESTAMP": "1714564800000000", "_HOSTNAME": "web1", "SYSLOG_IDENTIFIER": "shop", "_PID": "4711"}
    return "".join(json.dumps({**own, "MESSAGE": line, **fields}) + "\n" for line in text.splitlines())


# System logs


@pytest.mark.parametrize(
    "line",
    [
        f"<11>{SYSLOG}cannot connect",
        "<11>May  1 12:00:00 web1 shop: cannot connect",
        f"{RFC_5424.format(11)}cannot connect",
        f"{RFC_5424.format(8)}\ufeffcannot connect",
        '<11>1 2024-05-01T12:00:00Z web1 shop - - [a@1 b="c \\] d"][e@2] cannot connect',
        "120 <11>1 2024-05-01T12:00:00Z web1 shop - - - cannot connect",
        "<11>2024-05-01T14:00:00+02:00 web1 shop[4711]: cannot connect",
    ],
)
def test_a_priority_of_error_or_worse_is_an_error(line):
    occurrence = the_error(line, reference=NOON).occurrence
    assert (occurrence.message, occurrence.module, occurrence.time) == ("cannot connect", "shop", NOON)
    assert occurrence.context["host"] == "web1"


@pytest.mark.parametrize(
    "line",
    [
        f"{SYSLOG}cannot connect",
        f"<12>{SYSLOG}a warning",
        f"{RFC_5424.format(14)}a note",
        f"{SYSLOG}ALERT exited abnormally with [1]",
        "May  1 12:00:00 web1 --- last message repeated 2 times ---",
        "May  1 12:00:00 web1 kernel: ERROR",
    ],
)
def test_without_one_a_line_is_no_error(line):
    found, counts = read(line, reference=NOON)
    assert (found, counts.other) == ([], 1)


@pytest.mark.parametrize(
    "inner",
    [
        "ERROR:shop.db:cannot connect",
        "2024-05-01 12:00:00,000 - shop.db - ERROR - cannot connect",
        "[ERROR] cannot connect",
        '{"event": "cannot connect", "level": "error"}',
    ],
)
def test_the_level_that_the_process_wrote_counts(inner):
    for line in (SYSLOG + inner, CRI + inner, docker(inner), journal(inner), f"shop-1  | {inner}"):
        found, _ = read(line, reference=NOON)
        assert [each.occurrence.message for each in found] == ["cannot connect"], line
        assert found[0].occurrence.time == (None if line.startswith("shop-1") and "2024" not in inner else NOON)


@pytest.mark.parametrize("prefix", [SYSLOG, RFC_5424.format(14), CRI, "shop-1  | "])
@pytest.mark.parametrize("head", ["", "ERROR:shop.db:it failed\n", "INFO:shop.db:it failed\n"])
def test_a_traceback_over_wrapped_lines_is_one_error(prefix, head):
    text = prefixed(f"INFO:shop.db:before\n{head}{TRACEBACK}INFO:shop.db:after\n", prefix)
    error = the_error(text, reference=NOON)
    assert (error.occurrence.type, error.occurrence.message) == APPLE
    assert error.occurrence.function == "add"
    if head:
        assert error.occurrence.context["log_message"] == "it failed"


@pytest.mark.parametrize("wrap", [docker, journal])
def test_a_traceback_over_lines_of_json_is_one_error(wrap):
    found, counts = read(wrap(f"ERROR:shop.db:it failed\n{TRACEBACK}INFO:shop.db:after\n"))
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE]
    assert (counts.error_lines, counts.other) == (6, 1)
    assert found[0].occurrence.time == NOON


def test_processes_of_one_system_log_are_kept_apart():
    first, second = (
        prefixed(TRACEBACK, SYSLOG),
        prefixed(TRACEBACK.replace("apple", "pear"), SYSLOG.replace("4711", "4712")),
    )
    mixed = "".join(f"{one}\n{two}\n" for one, two in zip(first.splitlines(), second.splitlines(), strict=True))
    assert errors_in(mixed) == [APPLE, ("KeyError", "'pear'")]


def test_text_after_a_traceback_is_a_record_of_the_system_log():
    text = prefixed(TRACEBACK, SYSLOG) + SYSLOG.replace("00 web1", "09 web1") + "still running\n"
    found, counts = read(text)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE]
    assert counts.other == 1


def test_line_feeds_that_rsyslog_escaped_are_put_back():
    escaped = TRACEBACK.rstrip().replace("\n", "#012")
    found, counts = read(f"{SYSLOG}{escaped}\n{SYSLOG}ERROR:shop.db:it failed#012{escaped}\n")
    assert [(each.occurrence.type, len(each.occurrence.stack)) for each in found] == [("KeyError", 1)] * 2
    assert (counts.lines, counts.error_lines) == (2, 2)


def test_a_record_of_the_journal_may_hold_a_whole_traceback():
    line = journal("x", MESSAGE=f"it failed\n{TRACEBACK}", PRIORITY="6")
    occurrence = the_error(line).occurrence
    assert (occurrence.type, occurrence.context["log_message"]) == ("KeyError", "it failed")


def test_a_message_of_the_journal_may_be_bytes():
    assert errors_in(journal("x", MESSAGE=list("größer".encode()), PRIORITY="3")) == [("", "größer")]


def test_what_a_process_writes_without_a_form_ends_its_record():
    text = f"{SYSLOG}ERROR:shop.db:it failed\n{SYSLOG}retrying\n{prefixed(TRACEBACK, SYSLOG)}<11>{SYSLOG}down\n"
    assert errors_in(text) == [("", "it failed"), APPLE, ("", "down")]


# Containers


def test_a_long_line_that_docker_split_is_put_together():
    pieces = [{"log": "ERROR:shop:one ", "stream": "stderr"}, {"log": "two\n", "stream": "stderr"}]
    found, counts = read("".join(json.dumps(each) + "\n" for each in pieces))
    assert [each.occurrence.message for each in found] == ["one two"]
    assert counts.lines == 2


def test_a_long_line_that_the_runtime_split_is_put_together():
    text = CRI.replace(" F ", " P ") + "ERROR:shop:one \n" + CRI + "two\n"
    assert errors_in(text) == [("", "one two")]


def test_the_two_outputs_of_a_container_are_kept_apart():
    lines = docker(TRACEBACK).splitlines()
    noise = docker("hello", "stdout").splitlines()[0]
    assert errors_in("\n".join(f"{line}\n{noise}" for line in lines)) == [APPLE]


def test_text_of_a_container_is_known_although_it_is_in_no_format():
    found, counts = read(docker("Server started\nlistening on port 80"))
    assert (found, counts.other, counts.unparsed) == ([], 2, 0)


def test_a_plain_traceback_in_a_container_has_the_time_of_its_line():
    assert the_error(docker(TRACEBACK)).occurrence.time == NOON


def test_a_container_that_falls_silent_inside_a_traceback_does_not_hold_up_the_others():
    silent = docker(TRACEBACK.split("KeyError")[0], "stdout")
    others = docker("ERROR:shop:down\n" * 3000)
    reader = Reader(io.BufferedReader(io.BytesIO((silent + others).encode())))  # type: ignore[arg-type]
    errors = reader.errors()
    assert next(errors).occurrence.stack
    assert reader.counts.lines < 300
    assert len(list(errors)) == 3000


def test_many_short_lived_processes_are_bounded():
    text = "".join(f"May  1 12:00:00 web1 shop[{pid}]: ERROR:shop:{pid}\n" for pid in range(500))
    assert [message for _, message in errors_in(text)] == [str(pid) for pid in range(500)]


def test_a_field_that_journald_was_given_twice_has_both_its_texts():
    line = journal("x", MESSAGE=["disk full", list("größer".encode())], PRIORITY="2")
    assert errors_in(line) == [("", "disk full\ngrößer")]


def test_records_of_journald_without_a_text_are_errors_of_their_own():
    log = "".join(journal("x", MESSAGE=message, PRIORITY="2") for message in (["one", "two"], None, ""))
    assert errors_in(log) == [("", "one\ntwo"), ("", ""), ("", "")]
