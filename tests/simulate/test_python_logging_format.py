"""The shapes in which Python's logging prints a record."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, read, the_error

NOON = 1714564800.0


@pytest.mark.parametrize(
    ("line", "logger"),
    [
        ("ERROR:shop.db:cannot connect", "shop.db"),
        ("2024-05-01 12:00:00,000 - shop - ERROR - cannot connect", "shop"),
        ("2024-05-01 12:00:00,000 - shop.db - MainThread - ERROR - cannot connect", "shop.db"),
        ("2024-05-01 12:00:00,000 ERROR shop.db cannot connect", "shop.db"),
        ("2024-05-01 12:00:00,000 ERROR root cannot connect", "root"),
        ("2024-05-01 12:00:00,000 ERROR    shop.db: cannot connect", "shop.db"),
        ("2024-05-01 12:00:00,000 [ERROR] shop: cannot connect", "shop"),
        ("2024-05-01 12:00:00,000 [MainThread] ERROR shop.db - cannot connect", "shop.db"),
        ("2024-05-01T12:00:00.000Z ERROR cannot connect", ""),
        ("2024-05-01 12:00:00,000 - ERROR - cannot connect", ""),
        ("2024-05-01 12:00:00 | ERROR    | shop.db:connect:12 - cannot connect", "shop.db"),
        ("2024-05-01 12:00:00 [error    ] cannot connect", ""),
        ("[2024-05-01 12:00:00,000] ERROR in app: cannot connect", "app"),
        ("[2024-05-01 12:00:00,000: ERROR/ForkPoolWorker-1] cannot connect", ""),
        ("[2024-05-01 12:00:00 +0000] [1407] [ERROR] cannot connect", ""),
        ("(2024-05-01 12:00:00) CRITICAL cannot connect", ""),
        ("12:00:00,000 ERROR cannot connect", ""),
        ("[2024-05-01T12:00:00.000+0000] {task.py:18} ERROR - cannot connect", "task.py:18"),
        ("[ERROR]\t2024-05-01T12:00:00.000Z\t0b5ac1f1-33d1-4c1e-9a1e-5c8b6d1f2a30\tcannot connect", ""),
        ("[ERROR] cannot connect", ""),
        ("ERROR: cannot connect", ""),
        ("ERROR:    cannot connect", ""),
        ("CRITICAL cannot connect", ""),
    ],
)
def test_a_record_has_its_message_logger_and_time(line, logger):
    occurrence = the_error(line + "\n").occurrence
    assert (occurrence.type, occurrence.message, occurrence.module) == ("", "cannot connect", logger)
    assert occurrence.time == (NOON if "2024" in line else None)


@pytest.mark.parametrize(
    "line",
    [
        "INFO:shop:ERROR:not this one",
        "2024-05-01 12:00:00,000 WARNING shop: ERROR in the text",
        "2024-05-01 12:00:00 five words stand before ERROR",
        "Error: this is no level",
        "ERRORS: none",
        "2024-05-01 12:00:00 INFO level=ERROR",
    ],
)
def test_the_level_alone_tells_an_error(line):
    assert read(line + "\n")[0] == []


@pytest.mark.parametrize("level", ["ERROR", "CRITICAL", "FATAL", "SEVERE", "EMERGENCY"])
def test_error_and_everything_worse_is_an_error(level):
    assert the_error(f"{level}:shop:down").occurrence.message == "down"


def test_a_message_that_begins_with_an_exception_gives_its_type():
    occurrence = the_error("ERROR:shop:requests.exceptions.ConnectTimeout: timed out").occurrence
    assert (occurrence.type, occurrence.message) == ("requests.exceptions.ConnectTimeout", "timed out")
    plain = the_error("ERROR:shop:Note: timed out").occurrence
    assert (plain.type, plain.message) == ("", "Note: timed out")


def test_process_and_thread_are_context():
    context = the_error("2024-05-01 12:00:00,000 4711 [Thread-3] ERROR shop.db: bad").occurrence.context
    assert context == {"logger": "shop.db", "process": "4711", "thread": "Thread-3"}


def test_the_traceback_after_a_record_is_its_errors():
    found, counts = read(f"ERROR:shop:it failed\n{TRACEBACK}INFO:shop:on we go\n")
    occurrence = found[0].occurrence
    assert (occurrence.type, occurrence.message, occurrence.function) == ("KeyError", "'apple'", "add")
    assert occurrence.context["log_message"] == "it failed"
    assert (counts.error_lines, counts.other) == (6, 1)


def test_a_lambda_prints_the_exception_before_the_traceback():
    text = "[ERROR] KeyError: 'apple'\nTraceback (most recent call last):\n  File \"/var/task/a.py\", line 3, in run\n"
    occurrence = the_error(text).occurrence
    assert (occurrence.type, occurrence.message, len(occurrence.stack)) == ("KeyError", "'apple'", 1)


@pytest.mark.parametrize(
    "time",
    [
        "12/31/2010 11:46:36 AM",
        "12/31/2010 11:46:36",
        "31-Dec-2010 11:46:36",
        "[31/Dec/2010 11:46:36]",
        "31.12.2010 12:46:36 CET",
        "2010-12-31 13:46:36+02",
        "2010-12-31 13:46:36.000 +02",
        "2010-12-31 06:46:36 EST",
        "Fri Dec 31 12:46:36 CET 2010",
        "Fri Dec 31 11:46:36 2010",
    ],
)
@pytest.mark.parametrize(
    "rest", ["ERROR root: broken", "ERROR:root:broken", "- root - ERROR - broken", "root ERROR broken"]
)
def test_an_error_is_found_whatever_the_form_of_its_time(time, rest):
    found, counts = read(f"{time} INFO root: up\n{time} {rest}\n{time} INFO root: down\n")

    assert [(each.occurrence.message, each.occurrence.module) for each in found] == [("broken", "root")]
    assert found[0].occurrence.time == 1293795996.0
    assert (counts.error_lines, counts.other, counts.unread_times) == (1, 2, 0)


@pytest.mark.parametrize("time", ["2024-05-01 12:00:00 IST", "2024-05-01 12:00:00.000 BST", "01/02/2024 12:00:00 PM"])
def test_a_time_that_may_mean_two_moments_is_counted_as_not_read(time):
    found, counts = read(f"{time} ERROR shop: broken\n")

    assert found[0].occurrence.time is None
    assert (counts.unread_times, counts.unread_time) == (1, time)


def test_words_after_a_time_are_no_zone():
    found, counts = read("2024-05-01 12:00:00 MAIN ERROR broken\n2024-05-01 12:00:00 -12.5 degrees\n")

    assert [each.occurrence.time for each in found] == [1714564800.0]
    assert counts.unread_times == 0
