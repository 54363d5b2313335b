"""Processes, threads and requests that write to one log at the same time, line by line."""

from __future__ import annotations

import pytest
from simulate.reading_makers import errors_in, read

ALPHA = """\
it failed
Traceback (most recent call last):
  File "/srv/shop/alpha.py", line 3, in load
    parse(row)
  File "/srv/shop/alpha.py", line 9, in parse
    raise ValueError(row)
ValueError: alpha"""
BETA = ALPHA.replace("alpha", "beta").replace("ValueError", "LookupError")
BOTH = [("ValueError", "alpha"), ("LookupError", "beta")]


def alternating(*writers: tuple[str, str]) -> str:
    """Prefixes and texts: the first line of each, then the second of each."""
    rows = zip(*(text.splitlines() for _, text in writers), strict=True)
    return "".join(f"{prefix}{line}\n" for row in rows for (prefix, _), line in zip(writers, row, strict=True))


@pytest.mark.parametrize(
    "prefix",
    [
        "2024-05-01 12:00:00.123 471{} ERROR nova.api ",
        "2024-05-01 12:00:00.123 4711 ERROR nova.api [req-{} admin shop - - -] ",
        "2024-05-01 12:00:00.12{} 4711 ERROR nova.api ",
        "2024-05-01 12:00:00.12{} 4711 ERROR nova.api [-] ",
        "2024-05-01 12:00:00,123 4711 [Thread-{}] ERROR shop.db: ",
        "2024-05-01 12:00:00,123 - shop.db - Thread-{} (work) - ERROR - ",
        "2024-05-01 12:00:00,123 - shop.db - ThreadPoolExecutor-0_{} - ERROR - ",
        "2024-05-01 12:00:00,123 Process-{0} (pid=471{0}) ERROR shop.db: ",
        "2024-05-01 12:00:00,123 [req-{}] ERROR shop.db: ",
        "2024-05-01 12:00:00,123 [0b5ac1f{}-33d1-4c1e-9a1e-5c8b6d1f2a30] ERROR shop.db: ",
        "[2024-05-01 12:00:00 +0000] [141{}] [ERROR] ",
        "[2024-05-01 12:00:00,123: ERROR/ForkPoolWorker-{}] ",
        "[Wed May 01 12:00:00.123456 2024] [wsgi:error] [pid 12:tid 34{}] ",
    ],
)
def test_writers_whose_lines_alternate_are_kept_apart(prefix):
    found, counts = read(alternating((prefix.format(1), ALPHA), (prefix.format(2), BETA)))
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == BOTH
    assert [[frame.function for frame in each.occurrence.stack] for each in found] == [["load", "parse"]] * 2
    assert [each.occurrence.context["log_message"] for each in found] == ["it failed", "it failed"]
    assert (counts.error_lines, counts.other, counts.unparsed) == (14, 0, 0)


def test_quiet_records_between_them_belong_to_nobody():
    quiet = "\n".join("working" for _ in ALPHA.splitlines())
    prefix = "2024-05-01 12:00:00.123 471{} {} nova.api "
    log = alternating((prefix.format(1, "ERROR"), ALPHA), (prefix.format(2, "INFO"), quiet))
    found, counts = read(log)
    assert [each.occurrence.message for each in found] == ["alpha"]
    assert (counts.error_lines, counts.other) == (7, 7)


def test_a_request_repeated_on_each_line_splits_nothing():
    for level in ("ERROR", "WARNING"):
        prefix = f"2024-05-01 12:00:00.123 4711 {level} nova.api [req-1 admin shop - - -] "
        assert errors_in("".join(f"{prefix}{line}\n" for line in ALPHA.splitlines())) == BOTH[:1]


def test_a_text_that_ends_with_a_colon_goes_on_in_the_same_instant():
    line = "2024-05-01 12:00:00.123 [error] <0.1.0> {}\n"
    assert errors_in(line.format("Error on connection:") + line.format("access refused")) == [
        ("", "Error on connection:\naccess refused")
    ]


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        ("4711 [Thread-3]", {"process": "4711", "thread": "Thread-3"}),
        ("MainThread (pid:12)", {"process": "12", "thread": "MainThread"}),
        ("[req-5f3a]", {"thread": "req-5f3a"}),
        ("Thread-7 (work)", {"thread": "Thread-7"}),
    ],
)
def test_who_wrote_is_no_logger(fields, context):
    found, _ = read(f"2024-05-01 12:00:00,000 {fields} ERROR shop.db: down\n")
    assert found[0].occurrence.context == {"logger": "shop.db", **context}


@pytest.mark.parametrize(
    "prefix",
    [
        "2024-05-01 12:00:01 101 ERROR app.a [-] ",
        "2024-05-01 12:00:01 101 ERROR app.a [req-5] ",
        "2024-05-01 12:00:01,123 101 ERROR app.a [req-5 admin - -] ",
        "May  1 12:00:01 web shop[5]: ERROR: ",
        "May  1 12:00:01 web shop[5]: [ERROR] ",
    ],
)
def test_a_prefix_with_a_request_or_a_level_of_its_own_leaves_a_traceback_its_indentation(prefix):
    found, counts = read("".join(f"{prefix}{line}\n" for line in ALPHA.splitlines()))

    assert [(each.occurrence.type, each.occurrence.message) for each in found] == BOTH[:1]
    assert [frame.function for frame in found[0].occurrence.stack] == ["load", "parse"]
    assert (counts.error_lines, counts.other) == (7, 0)


def test_blanks_that_align_texts_behind_levels_are_no_indentation():
    log = "".join(
        f"May  1 12:00:01 web shop[5]: {level}{text}\n" for level in ("ERROR:    ", "ERROR:  ") for text in "ab"
    )
    assert errors_in(log) == [("", "a"), ("", "b"), ("", "a"), ("", "b")]
