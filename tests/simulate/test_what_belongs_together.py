"""Which lines of a log are one error."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

from policy_engine.match.regex import searcher

PREFIX = "2024-05-01 12:00:00.123 4711 ERROR shop.db "
APPLE = ("KeyError", "'apple'")


def prefixed(text: str, prefix: str = PREFIX) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def test_a_prefix_repeated_on_each_line_of_a_traceback_makes_one_error():
    found, counts = read(prefixed("it failed\n" + TRACEBACK) + "2024-05-01 12:00:01.000 4711 INFO shop.db ok\n")
    (error,) = found
    assert (error.occurrence.type, error.occurrence.message) == APPLE
    assert error.occurrence.context["log_message"] == "it failed"
    assert (counts.error_lines, counts.other, counts.tracebacks) == (6, 1, 1)


def test_a_warning_whose_traceback_follows_with_the_level_error_is_one_error():
    text = "2024-05-01 12:00:00.123 4711 WARNING shop.db the task\nhad details\n" + prefixed(TRACEBACK)
    error = the_error(text)
    assert (error.line, error.occurrence.type) == (1, "KeyError")
    assert error.occurrence.context["log_message"] == "the task\nhad details"


def test_two_records_of_one_moment_are_two_errors():
    assert errors_in(prefixed("first\nsecond")) == [("", "first"), ("", "second")]


def test_a_further_line_of_a_message_repeats_the_prefix_too():
    text = prefixed(TRACEBACK + "and a note\n")
    assert errors_in(text) == [("KeyError", "'apple'\nand a note")]


def test_within_the_same_second_a_new_record_is_no_further_line():
    prefix = "2024-05-01 12:00:00 ERROR shop.db "
    assert errors_in(prefixed(TRACEBACK + "another failure\n", prefix)) == [APPLE, ("", "another failure")]


def test_a_clock_that_ticks_inside_a_traceback_does_not_split_it():
    lines = TRACEBACK.splitlines()
    text = "".join(f"2024-05-01 12:00:0{index},0 ERROR shop.db {line}\n" for index, line in enumerate(lines))
    assert errors_in(text) == [APPLE]


def test_processes_that_write_at_once_are_kept_apart():
    other = TRACEBACK.replace("KeyError: 'apple'", "ValueError: bad")
    first, second = prefixed("a\n" + TRACEBACK), prefixed("b\n" + other, PREFIX.replace("4711", "4712"))
    mixed = "".join(f"{one}\n{two}\n" for one, two in zip(first.splitlines(), second.splitlines(), strict=True))
    assert errors_in(mixed) == [APPLE, ("ValueError", "bad")]


def test_errors_come_in_the_order_of_their_first_lines():
    text = prefixed("a") + prefixed("b", PREFIX.replace("4711", "4712")) + prefixed("c")
    assert [message for _, message in errors_in(text)] == ["a", "b", "c"]


def test_an_error_whose_process_falls_silent_does_not_hold_up_the_others():
    quiet = "".join(f"2024-05-01 12:00:01.000 4712 INFO shop.db {number}\n" for number in range(1000))
    found, _ = read(prefixed("a") + quiet + prefixed("b", PREFIX.replace("4711", "4712")))
    assert [each.occurrence.message for each in found] == ["a", "b"]


def test_a_record_without_a_level_of_error_is_one_when_it_carries_a_traceback():
    text = f"DEBUG:shop:trying again\n{TRACEBACK}DEBUG:shop:worked\n"
    error = the_error(text)
    assert (error.occurrence.type, error.occurrence.module) == ("KeyError", "shop")


def test_unframed_tracebacks_after_one_quiet_record_are_errors_of_their_own():
    assert errors_in(f"INFO:shop:started\n{TRACEBACK}\n{TRACEBACK}") == [APPLE, APPLE]


def test_a_message_that_holds_a_traceback_beside_its_own_is_one_error():
    text = f"ERROR:shop:remote said\n{TRACEBACK}\n" + TRACEBACK.replace("apple", "pear")
    found, counts = read(text)
    assert (len(found), counts.other, counts.unparsed) == (1, 0, 0)


def test_a_chain_is_one_error_however_it_is_printed():
    chain = TRACEBACK + "\nDuring handling of the above exception, another exception occurred:\n\n" + TRACEBACK
    for text in (chain, f"ERROR:shop:x\n{chain}", prefixed(chain)):
        error = the_error(text)
        assert [cause.type for cause in error.occurrence.causes] == ["KeyError"]


def test_a_cause_that_was_never_raised_belongs_to_the_chain():
    chain = "shop.Late: x\n\nThe above exception was the direct cause of the following exception:\n\n" + TRACEBACK
    for text in (chain, f"noise\n\n{chain}", f"ERROR:shop:it failed\n{chain}"):
        error = the_error(text)
        assert [cause.type for cause in error.occurrence.causes] == ["shop.Late"], text


def test_plain_tracebacks_end_at_a_blank_line_or_the_next_traceback():
    found, counts = read(f"{TRACEBACK}\nnot an error\n{TRACEBACK}{TRACEBACK}second line\n")
    assert [each.occurrence.message for each in found] == ["'apple'", "'apple'", "'apple'\nsecond line"]
    assert (counts.error_lines, counts.other, counts.unparsed) == (16, 1, 1)


def test_text_between_plain_tracebacks_is_expected_where_the_format_is_named():
    _, counts = read(f"{TRACEBACK}\nnot an error\n", format_name="traceback")
    assert (counts.error_lines, counts.other, counts.unparsed) == (5, 2, 0)


def test_a_thread_announces_its_traceback():
    error = the_error(f"Exception in thread Thread-1 (work):\n{TRACEBACK}")
    assert error.occurrence.context == {"log_message": "Exception in thread Thread-1 (work):"}


def test_a_traceback_cut_at_its_head_is_an_error():
    found, counts = read('    return f()\n  File "/srv/a.py", line 3, in f\n    g()\nValueError: bad\n')
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [("ValueError", "bad")]
    assert counts.unparsed == 1


def test_a_traceback_cut_in_the_middle_does_not_swallow_the_next_one():
    cut = "\n".join(TRACEBACK.splitlines()[:3]) + "\n"
    assert [kind for kind, _ in errors_in(cut + TRACEBACK)] == ["", "KeyError"]
    assert errors_in(f"ERROR:shop:it failed\n{cut}INFO:shop:ok\n") == [("", "it failed")]


def test_a_traceback_on_one_line_is_a_traceback():
    escaped = TRACEBACK.replace("\n", "\\n")
    for line in (f"INFO:shop:failed: {escaped}", f"ERROR:shop:{escaped}"):
        found, counts = read(line + "\nINFO:shop:next\n")
        assert [(each.occurrence.type, len(each.occurrence.stack)) for each in found] == [("KeyError", 1)]
        assert (counts.error_lines, counts.other) == (1, 1)


def test_text_that_quotes_a_traceback_is_none():
    assert (
        read("DEBUG:rpc:reply: [u'Traceback (most recent call last):\\n', u'  File \"a\", line 1, in f\\n']")[0] == []
    )


def test_java_stack_traces_are_tracebacks():
    text = (
        "2024-05-01 12:00:00,000 WARN shop.Cart: it failed\n"
        "java.io.IOException: connection lost\n"
        "\tat net.Client.call(Client.java:12)\n"
        "\tat net.Main.main(Main.java:3)\n"
        "Caused by: java.net.ConnectException: refused\n"
        "\tat net.Socket.connect(Socket.java:88)\n"
        "\t... 3 more\n"
        "2024-05-01 12:00:01,000 INFO shop.Cart: ok\n"
    )
    occurrence = the_error(text).occurrence
    assert (occurrence.type, occurrence.message) == ("java.io.IOException", "connection lost")
    assert [frame.function for frame in occurrence.stack] == ["net.Main.main", "net.Client.call"]
    assert [(cause.type, cause.message) for cause in occurrence.causes] == [("java.net.ConnectException", "refused")]


def test_a_regex_tells_errors_in_logs_without_levels():
    text = "connection failed\nall is well\nINFO:shop:could not connect\n"
    found, counts = read(text, error_when=searcher(["(?i)fail|could not"], ignore_case=False))
    assert [each.occurrence.message for each in found] == ["connection failed", "could not connect"]
    assert (counts.error_lines, counts.unparsed) == (2, 1)


def test_a_message_of_a_million_lines_is_bounded_and_keeps_its_type():
    found, counts = read(f"ERROR:shop:x\n{TRACEBACK}" + "more\n" * 50_000 + "INFO:shop:ok\n")
    assert found[0].occurrence.type == "KeyError"
    assert (counts.error_lines, counts.other) == (50_006, 1)
    assert counts.cut > 40_000


def test_a_traceback_of_many_frames_keeps_both_ends():
    frame = '  File "a.py", line 3, in middle\n    f()\n'
    text = f'ERROR:shop:x\nTraceback (most recent call last):\n  File "a.py", line 1, in first\n{frame * 20_000}'
    occurrence = the_error(text + '  File "a.py", line 2, in last\nRecursionError: too deep\n').occurrence
    assert (occurrence.type, occurrence.stack[0].function, occurrence.stack[-1].function) == (
        "RecursionError",
        "first",
        "last",
    )


TRACE = 'Traceback (most recent call last):\n  File "app.py", line 5, in load\n    read()\n'


def test_records_of_one_thousandth_of_a_second_stay_apart():
    prefix = "2026-01-01 10:00:00,500 ERROR app: "
    first, second = f"{prefix}job 1 failed\n{TRACE}KeyError: 'qty'\n", f"{prefix}job 2 failed\n{TRACE}ValueError: bad\n"
    log = f"{first}{second}{prefix}no team\n"
    assert errors_in(log) == [("KeyError", "'qty'"), ("ValueError", "bad"), ("", "no team")]


def test_a_traceback_that_was_cut_short_swallows_no_record_after_it():
    log = f"ERROR:root:job 1 failed\n{TRACE}ERROR:root:job 2 failed\n{TRACE}ValueError: bad\n"
    assert [message for _, message in errors_in(log)][1:] == ["bad"]


def test_two_writers_of_a_system_log_keep_their_lines_and_the_count():
    lines = ["ERROR job failed", *f"{TRACE}ValueError: bad".splitlines()]
    writers = ("app[1]", "app[2]")
    log = "".join(f"Jan  1 10:00:00 web {writer}: {line}\n" for line in lines for writer in writers)
    found, counts = read(log)
    assert [each.occurrence.type for each in found] == ["ValueError", "ValueError"]
    assert (counts.error_lines, counts.other) == (10, 0)


CHAIN = f"{TRACE}OSError: no such file\n\nThe above exception was the direct cause of the following exception:\n\n"


@pytest.mark.parametrize(
    "prefix",
    [
        "2024-05-01 12:00:01,123 ERROR app.a: ",
        "2024-05-01 12:00:01,123 101 ERROR app.a ",
        "2024-05-01 12:00:01.123 101 ERROR app.a [-] ",
    ],
)
def test_errors_of_one_instant_with_one_prefix_on_each_line_stay_apart_chains_among_them(prefix):
    texts = (
        f"first\n{TRACE}KeyError: 'id'\nand a note\n",
        f"second\n{CHAIN}{TRACE}ValueError: bad\n",
        f"{TRACE}E: 3\n",
    )
    found, counts = read(prefixed("".join(texts), prefix))

    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [
        ("KeyError", "'id'\nand a note"),
        ("ValueError", "bad"),
        ("E", "3"),
    ]
    assert [each.occurrence.context.get("log_message") for each in found] == ["first", "second", None]
    assert [cause.type for cause in found[1].occurrence.causes] == ["OSError"]
    assert counts.error_lines == counts.lines


REPORT = f"2024-05-01 12:00:01 ERROR app: failed\n{TRACE}svc.E: it said:\nERROR: no foo\nERROR a.py::c - boom\n"
AFTER_REPORT = "2024-05-01 12:00:02 INFO app: ok\n"


def test_a_message_line_that_begins_with_a_level_is_text_where_records_begin_with_a_time():
    found, counts = read(REPORT + AFTER_REPORT)

    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [
        ("svc.E", "it said:\nERROR: no foo\nERROR a.py::c - boom")
    ]
    assert (counts.error_lines, counts.other) == (7, 1)


def test_a_level_without_a_time_begins_an_error_where_others_did_or_no_message_goes_on():
    others = AFTER_REPORT + "WARNING: third party\n"
    assert errors_in(others + REPORT) == [("svc.E", "it said:"), ("", "no foo"), ("", "a.py::c - boom")]
    assert errors_in(f"{REPORT}ERROR:root:basic\n")[1:] == [("", "basic")]
    ended = f"2024-05-01 12:00:01 ERROR app: failed\n{TRACE}ValueError: bad\nERROR: no foo\n"
    assert errors_in(ended) == [("ValueError", "bad"), ("", "no foo")]
