"""Tracebacks of which a part is missing: what is left of each stays with it."""

from __future__ import annotations

import pytest
from simulate.reading_makers import errors_in, read

WHOLE = """\
Traceback (most recent call last):
  File "/srv/shop/cart.py", line 12, in add
    item = stock[name]
KeyError: 'apple'
"""
CUT = """\
Traceback (most recent call last):
  File "/srv/shop/rates.py", line 4, in fetch
    client.get(url)
  File "/srv/shop/client.py", line 8, in get
"""
OPENSTACK = "2024-05-01 12:00:00.{} 4711 ERROR nova.api "


def functions(found):
    return [[frame.function for frame in each.occurrence.stack] for each in found]


def prefixed(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("log", "first"),
    [
        (CUT + WHOLE, "(its traceback is cut short)"),
        (f"2024-05-01 12:00:00,000 ERROR shop: rates\n{CUT}{WHOLE}", "rates"),
        (f"ERROR:shop:rates\n{CUT}ERROR:shop:cart\n{WHOLE}", "rates"),
        (prefixed(f"rates\n{CUT}", OPENSTACK.format(100)) + prefixed(WHOLE, OPENSTACK.format(200)), "rates"),
        (prefixed(CUT, "ERROR:shop:") + prefixed(WHOLE, "ERROR:shop:"), "(its traceback is cut short)"),
    ],
)
def test_a_traceback_that_was_cut_and_the_one_after_it_are_two_errors(log, first):
    found, counts = read(log)
    assert [each.occurrence.message for each in found] == [first, "'apple'"]
    assert functions(found) == [["fetch", "get"], ["add"]]
    assert (counts.other, counts.unparsed) == (0, 0)


def test_a_record_glued_to_the_line_at_which_another_was_cut_loses_no_traceback():
    log = f"ERROR:shop:rates\n{CUT}    self.sess2024-05-01 12:00:01,000 ERROR shop: cart\n{WHOLE}"
    found, _ = read(log)
    assert functions(found) == [["fetch", "get"], ["add"]]


def test_a_chain_cut_after_its_marker_is_the_exception_that_was_printed():
    marker = "\nDuring handling of the above exception, another exception occurred:\n\n"
    assert errors_in(f"ERROR:shop:a\n{WHOLE}{marker}ERROR:shop:b\n") == [("KeyError", "'apple'"), ("", "b")]


def test_a_file_that_ends_inside_a_traceback_gives_what_it_has():
    found, _ = read(f"ERROR:shop:rates\n{CUT}"[:-20])
    assert [each.occurrence.message for each in found] == ["rates"]
    assert functions(found)[0][0] == "fetch"


@pytest.mark.parametrize("kept", [2, 3])
def test_a_log_that_begins_with_the_end_of_a_traceback_gives_its_exception(kept):
    tail = "\n".join(WHOLE.splitlines()[-kept:])
    assert errors_in(f"{tail}\nINFO:shop:started\nERROR:shop:later\n") == [("KeyError", "'apple'"), ("", "later")]


def test_the_end_of_a_traceback_with_a_repeated_prefix_is_an_error():
    tail = "\n".join(WHOLE.splitlines()[1:])
    log = prefixed(tail, OPENSTACK.format(100)) + OPENSTACK.format(200) + "[-] later\n"
    assert errors_in(log) == [("KeyError", "'apple'"), ("", "later")]


def test_a_log_that_begins_inside_a_java_stack_trace_gives_its_frames():
    log = "\tat net.Client.call(Client.java:12)\nCaused by: java.net.ConnectException: refused\nINFO:shop:started\n"
    found, _ = read(log)
    assert functions(found) == [["net.Client.call"]]
    assert [cause.type for cause in found[0].occurrence.causes] == ["java.net.ConnectException"]
