"""Logs with a prefix of their own before every line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read

PREFIXES = [
    "myapp | ",
    "[stderr] ",
    ">>> shop 17 >>> ",
    "app\t",
    "web: ",
    "00:01:02.123 ",
    "(1) ",
    "shop-7d9f8 web ",
]
LOG = f"2024-05-01 12:00:00,000 INFO shop: up\n2024-05-01 12:00:01,000 ERROR shop.db: it failed\n{TRACEBACK}"


def prefixed(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("end", ["", "2024-05-01 12:00:02,000 INFO shop: down\n"])
def test_a_prefix_before_every_line_is_taken_off(prefix, end):
    found, counts = read(prefixed(LOG + end, prefix))
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [("KeyError", "'apple'")]
    error = found[0].occurrence
    assert (error.module, error.function, error.time) == ("shop.db", "add", 1714564801.0)
    assert error.context["log_message"] == "it failed"
    assert (counts.error_lines, counts.unparsed) == (6, 0)


def test_blanks_that_were_lost_at_the_ends_of_lines_matter_not():
    chain = f"{TRACEBACK}\nDuring handling of the above exception, another exception occurred:\n\n{TRACEBACK}"
    text = "".join(f"myapp | {line}".rstrip() + "\n" for line in chain.splitlines())
    found, _ = read(text)
    assert [[cause.type for cause in each.occurrence.causes] for each in found] == [["KeyError"]]


def test_several_prefixes_are_known_by_the_tracebacks_behind_them():
    first = prefixed(TRACEBACK, "<a> ").splitlines()
    second = prefixed(TRACEBACK.replace("apple", "pear"), "<b> ").splitlines()
    mixed = "".join(f"{one}\n{two}\n" for one, two in zip(first, second, strict=True))
    assert errors_in(mixed + "<a> ERROR:shop:down\n") == [("KeyError", "'apple'"), ("KeyError", "'pear'"), ("", "down")]


def test_json_behind_a_prefix_is_read():
    event = {"event": "down", "level": "error", "timestamp": "2024-05-01T12:00:00Z"}
    assert errors_in(prefixed(f"{json.dumps(event)}\nINFO:shop:up", "myapp | ")) == [("", "down")]


@pytest.mark.parametrize(
    "text",
    ["ERROR:shop:a\nERROR:shop:b\n", "job one\njob two\n", "2024-05-01 x\n2024-05-01 y\n", TRACEBACK, "    x\n    y\n"],
)
def test_what_all_lines_share_is_no_prefix_where_the_rest_reads_no_better(text):
    assert "prefixed" not in read(text)[1].formats


def test_a_named_format_has_no_prefix():
    assert "prefixed" not in read(prefixed(LOG, "myapp | "), format_name="python-logging")[1].formats


def test_samples_of_real_loggers_have_none():
    for path in (Path(__file__).parent / "samples").iterdir():
        assert "prefixed" not in read(path.read_bytes())[1].formats
