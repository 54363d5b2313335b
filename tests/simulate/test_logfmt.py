"""Records of keys and values on one line."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, read, the_error

NOON = 1714564800.0


@pytest.mark.parametrize(
    "line",
    [
        'time="2024-05-01T12:00:00Z" level=error msg="cannot connect" logger=shop.db port=80',
        'ts=2024-05-01T12:00:00.000Z caller=main.go:12 level=error component=shop.db err="cannot connect"',
        "timestamp='2024-05-01T12:00:00Z' level='error' event='cannot connect' logger='shop.db'",
        't=2024-05-01T12:00:00+0000 lvl=eror msg="cannot connect" logger=shop.db',
        'severity=CRITICAL message="cannot connect" timestamp=1714564800 logger=shop.db',
    ],
)
def test_an_error_has_its_message_logger_and_time(line):
    found, counts = read(line + "\n")
    assert counts.formats == {"logfmt": 1}
    occurrence = found[0].occurrence
    assert (occurrence.message, occurrence.module, occurrence.time) == ("cannot connect", "shop.db", NOON)


@pytest.mark.parametrize("level", ["info", "warn", "debug", "WARNING"])
def test_a_record_below_error_is_none(level):
    found, counts = read(f'level={level} msg="an error, they say" err=none\n')
    assert (found, counts.other, counts.formats) == ([], 1, {"logfmt": 1})


def test_an_escaped_traceback_is_read():
    printed = TRACEBACK.rstrip().replace("\n", "\\n").replace('"', '\\"')
    for level in ("error", "info"):
        occurrence = the_error(f'level={level} event="it failed" exception="{printed}"\n').occurrence
        assert (occurrence.type, occurrence.message, occurrence.function) == ("KeyError", "'apple'", "add")
        assert occurrence.context["log_message"] == "it failed"


def test_what_failed_stands_beside_what_was_tried():
    occurrence = the_error('level=error msg="cannot load" err="connection \\"a\\" refused"\n').occurrence
    assert occurrence.message == 'cannot load: connection "a" refused'


@pytest.mark.parametrize(
    "line", ["level=", "a=b c=d", "mislevel=error x=y", "level=error-prone msg=x", "the level=error"]
)
def test_pairs_alone_are_no_record(line):
    assert read(line + "\n")[1].formats == {}
