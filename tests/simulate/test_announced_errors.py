"""Errors that no logger writes: what the interpreter announces, whatever record it stands after."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

APPLE = ("KeyError", "'apple'")
NOON = 1714564800.0
RECORD = "2024-05-01 12:00:00,000 INFO shop: fine\n"

LOGGING_ERROR = """\
--- Logging error ---
Traceback (most recent call last):
  File "/usr/lib/python3/logging/__init__.py", line 1110, in emit
    msg = self.format(record)
TypeError: not all arguments converted during string formatting
Call stack:
  File "/srv/shop/app.py", line 3, in <module>
    main()
Message: 'rates'
Arguments: (1,)
"""


@pytest.mark.parametrize(
    "announced",
    [
        f"Exception ignored in: <function Cart.__del__ at 0x7f>\n{TRACEBACK}",
        f"Exception ignored on calling ctypes callback function: <function add at 0x7f>\n{TRACEBACK}",
        "Exception ignored in: <_io.TextIOWrapper name='<stdout>'>\nKeyError: 'apple'\n",
        f"Exception in thread Thread-1 (work):\n{TRACEBACK}",
        f"Task exception was never retrieved\nfuture: <Task finished exception=KeyError('apple')>\n{TRACEBACK}",
        f"Future exception was never retrieved\nfuture: <Future finished exception=KeyError('apple')>\n{TRACEBACK}",
    ],
)
def test_what_is_announced_is_one_error_of_its_own(announced):
    for before, time in (("", None), (RECORD, NOON), ("ERROR:shop:down\n", None)):
        found, counts = read(f"{before}{announced}{RECORD}")
        error = found[-1].occurrence
        assert ((error.type, error.message), error.module, error.time) == (APPLE, "", time)
        assert str(error.context["log_message"]).startswith(announced.splitlines()[0])
        assert counts.error_lines - before.startswith("ERROR") == len(announced.splitlines())


def test_a_task_that_asyncio_logs_is_an_error_of_its_logger():
    log = f"ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished>\n{TRACEBACK}"
    error = the_error(log).occurrence
    assert ((error.type, error.message), error.module) == (APPLE, "asyncio")


def test_a_crash_of_the_interpreter_is_an_error():
    assert errors_in(f"{RECORD}Fatal Python error: Segmentation fault\n\nCurrent thread 0x7f:\n{RECORD}") == [
        ("", "Fatal Python error: Segmentation fault")
    ]


def test_a_future_without_a_traceback_names_its_exception():
    log = "ERROR:asyncio:Future exception was never retrieved\nfuture: <Future finished exception=KeyError('apple')>\n"
    assert errors_in(log) == [("KeyError", "apple")]


def test_a_record_that_could_not_be_written_is_one_error_with_the_stack_of_the_call():
    found, counts = read(f"{RECORD}{LOGGING_ERROR}hello\n{LOGGING_ERROR}{RECORD}")
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [
        ("TypeError", "not all arguments converted during string formatting")
    ] * 2
    assert [[frame.function for frame in each.occurrence.stack] for each in found] == [["emit"]] * 2
    assert (counts.error_lines, counts.other, counts.unparsed) == (20, 3, 0)


def test_the_other_end_of_a_logging_error_is_known_too():
    log = LOGGING_ERROR.splitlines()[:-2]
    log += ["Unable to print the message and arguments - possible formatting error."]
    log += ["Use the traceback above to help find the error.", "hello"]
    found, counts = read("\n".join(log))
    assert (len(found), counts.error_lines, counts.unparsed) == (1, 10, 1)


# What stands next to tracebacks


@pytest.mark.parametrize(
    "line",
    [
        '192.0.2.7 - - [01/May/2024:12:00:00 +0000] "GET /cart HTTP/1.1" 500 -',
        '[01/May/2024 12:00:00] "GET /cart HTTP/1.1" 500 145',
        "[pid: 7|app: 0|req: 2/2] 192.0.2.7 () {2 vars in 9 bytes} [Wed May  1 12:00:00 2024] GET / => 0 bytes",
        'INFO:     192.0.2.7:1234 - "GET /cart HTTP/1.1" 500 Internal Server Error',
    ],
)
def test_a_line_of_an_access_log_is_no_part_of_a_message(line):
    for before in ("", "ERROR:shop:down\n"):
        found, counts = read(f"{before}{TRACEBACK}{line}\nERROR:shop:later\n")
        assert [each.occurrence.message for each in found] == ["'apple'", "later"]
        assert counts.other == 1


def test_a_traceback_after_a_line_of_an_access_log_is_none_of_it():
    error = the_error(f'192.0.2.7 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 -\n{TRACEBACK}').occurrence
    assert "log_message" not in error.context
    assert error.time == NOON


PY4J = """\
Traceback (most recent call last):
  File "/srv/job.py", line 12, in <module>
    df.count()
py4j.protocol.Py4JJavaError: An error occurred while calling o45.count.
: org.apache.spark.SparkException: Job aborted.
\tat org.apache.spark.scheduler.DAGScheduler.failJob(DAGScheduler.scala:2844)
Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/opt/spark/worker.py", line 830, in main
    process()
ZeroDivisionError: division by zero

\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:572)

Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.x(DAGScheduler.scala:1)
"""


@pytest.mark.parametrize("before", ["", "24/05/01 12:00:00 ERROR job.Main: it failed\n"])
def test_java_frames_inside_a_python_message_are_causes_not_text(before):
    error = the_error(before + PY4J).occurrence
    assert (error.type, error.message) == (
        "py4j.protocol.Py4JJavaError",
        "An error occurred while calling o45.count.",
    )
    assert error.causes[0][:3] == (
        "org.apache.spark.SparkException",
        ("org.apache.spark.SparkException",),
        "Job aborted.",
    )
    assert [frame.function for frame in error.stack] == ["<module>"]


def test_the_frames_of_the_java_side_are_no_part_of_a_python_message():
    log = (
        "24/05/01 12:00:00 ERROR executor.Executor: Exception in task 0.0\n"
        "org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n"
        '  File "/opt/spark/worker.py", line 830, in main\nZeroDivisionError: division by zero\n\n'
        "\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:572)\n"
    )
    assert errors_in(log) == [("ZeroDivisionError", "division by zero")]


def test_a_java_exception_is_named_after_what_a_record_was_about():
    log = "24/05/01 12:00:00 WARN a.Tasks: Lost task 0.0: java.io.IOException: x\n\tat a.B.c(B.java:1)\n"
    assert errors_in(log) == [("java.io.IOException", "x")]


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ("KeyError: KeyError(140,)", "140"),
        ("KeyError: KeyError('apple',)", "'apple'"),
        (
            "AttributeError: \"'NoneType' object has no attribute 'close'\"",
            "'NoneType' object has no attribute 'close'",
        ),
        ("ValueError: ValueError('bad',)", "bad"),
        ("exceptions.IOError: IOError(9, 'Bad file')", "9, 'Bad file'"),
    ],
)
def test_an_exception_that_python_2_ignored_is_one_line(shown, message):
    line = f"Exception {shown} in <bound method Cart.__del__ of <Cart at 0x7f>> ignored\n"
    for before, time in (("", None), (RECORD, NOON)):
        found, counts = read(f"{before}{line}{TRACEBACK}{RECORD}")
        assert [each.occurrence.message for each in found] == [message, "'apple'"]
        assert (found[0].occurrence.type, found[0].occurrence.time) == (shown.partition(":")[0], time)
        assert counts.other == 1 + bool(before)


ENDED = 'Exception in thread "main" java.lang.IllegalStateException: no\n'
FRAME = "\tat a.B.c(B.java:3)\n"


@pytest.mark.parametrize("before", ["", "2024-05-01 12:00:00,000 INFO [main] com.x.App - up\n"])
@pytest.mark.parametrize("frames", [FRAME, FRAME + FRAME, FRAME + "Caused by: java.io.IOException: cut\n" + FRAME])
def test_a_java_exception_that_ended_a_thread_is_one_error_and_leaves_the_record_before_it(before, frames):
    found, counts = read(before + ENDED + frames + before)

    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [
        ("java.lang.IllegalStateException", "no")
    ]
    assert counts.error_lines == 1 + frames.count("\n")
    assert counts.other == 2 * bool(before)


def test_a_java_exception_that_ended_a_thread_needs_no_frames():
    assert errors_in('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n' + ENDED) == [
        ("java.lang.OutOfMemoryError", "Java heap space"),
        ("java.lang.IllegalStateException", "no"),
    ]


RICH = """\
[05/01/24 12:00:00] INFO     started                                                app.py:3
                    INFO     loading                                                app.py:5
                    ERROR    it failed                                              app.py:9
                             ╭─────────── Traceback (most recent call last) ───────────╮
                             │ /srv/shop/app.py:7 in main                              │
                             │                                                         │
                             │ ❱ 7 │   load()                                          │
                             │ ╭─ locals ─╮                                            │
                             │ │ x = 1    │                                            │
                             │ ╰──────────╯                                            │
                             ╰─────────────────────────────────────────────────────────╯
                             KeyError: 'apple'
[05/01/24 12:00:01] CRITICAL later                                                  app.py:10
"""


def test_richs_handler_leaves_out_a_time_that_did_not_change_and_draws_boxes():
    found, counts = read(RICH)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE, ("", "later")]
    assert found[0].occurrence.context == {"log_message": "it failed"}
    assert [frame.function for frame in found[0].occurrence.stack] == ["main"]
    assert [each.occurrence.time for each in found] == [NOON, NOON + 1]
    assert (counts.error_lines, counts.other) == (11, 2)
