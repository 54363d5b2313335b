"""Any bytes in: no crash, and every line counted once."""

from __future__ import annotations

import gzip
import json
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulate.reading_makers import TRACEBACK, read

from policy_engine.simulate.formats import NAMES

FRAGMENTS = [
    *TRACEBACK.splitlines(),
    "",
    "ERROR:shop:it failed",
    "INFO:shop:fine",
    "2024-05-01 12:00:00.123 4711 ERROR shop.db it failed",
    "2024-05-01 12:00:00.123 4711 ERROR shop.db Traceback (most recent call last):",
    '2024-05-01 12:00:00.123 4711 ERROR shop.db   File "a.py", line 3, in f',
    "2024-05-01 12:00:00.123 4712 WARNING shop.db careful",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
    "  + Exception Group Traceback (most recent call last):",
    "  | ExceptionGroup: two (2 sub-exceptions)",
    "  +-+---------------- 1 ----------------",
    "    | ValueError: x",
    "    +---------------- 2 ----------------",
    "    +------------------------------------",
    "  [Previous line repeated 99999999 more times]",
    "Exception in thread Thread-1:",
    '"""',
    "multiprocessing.pool.RemoteTraceback: ",
    "java.io.IOException: x",
    "\tat a.B.c(B.java:3)",
    "Caused by: java.io.IOException: y",
    '{"type": "KeyError", "message": "x"}',
    '{"type": "E", "traceback": "Traceback (most recent call last):\\n  File \\"a\\", line 1, in f\\nE: x"}',
    '{"level": "error", "message": "x"}',
    "{",
    "plain text",
    "    indented text",
    "\x1b[31mERROR\x1b[0m red",
    "2024-05-01 12:00:00.123 4711 ERROR shop.db [req-1 - - -] it failed",
    "2024-05-01 12:00:00.123 4711 WARNING shop.db [-] careful",
    "May  1 12:00:00 web1 shop[4711]: ERROR:shop:it failed",
    "May  1 12:00:00 web1 shop[4711]: Traceback (most recent call last):",
    'May  1 12:00:00 web1 shop[4711]:   File "a.py", line 3, in f',
    "May  1 12:00:00 web1 shop[4711]: KeyError: 'x'",
    "<11>May  1 12:00:00 web1 shop[4712]: failed#012Traceback (most recent call last):#012KeyError: 1",
    "2024-05-01T12:00:00.0Z stderr P piece ",
    "2024-05-01T12:00:00.0Z stderr F Traceback (most recent call last):",
    '2024-05-01T12:00:00.0Z stderr F   File "a.py", line 3, in f',
    '{"log": "Traceback (most recent call last):\\n", "stream": "stderr", "time": "2024-05-01T12:00:00Z"}',
    '{"log": "no end", "stream": "stderr"}',
    '{"MESSAGE": "a\\nTraceback (most recent call last):\\nKeyError: 1", "PRIORITY": "3", "_PID": "7"}',
    '{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"severityNumber": 17, "body": {"stringValue": "x"}}]}]}]}',
    '{"event": "x", "level": "error", "exception": [{"exc_type": "E", "frames": [{}], "exceptions": [[{}]]}]}',
    "╭──────── Traceback (most recent call last) ────────╮",
    "│ a.py:3 in f │",
    "╰──────────╯",
    '> File "a.py", line 3, in f',
    'INFO:shop:failed: Traceback (most recent call last):\\n  File "a", line 1, in f\\nKeyError: 1',
]

# One of each further shape: a record, what goes on with it, and what ends it.
FRAGMENTS += [
    "ERROR nova.api [None req-1 admin admin] [instance: 0b0a] it failed",
    "ERROR nova.api [instance: 0b0a] Traceback (most recent call last):",
    'ERROR nova.api   File "a.py", line 3, in f',
    "ERROR nova.api KeyError: 1",
    "2024-05-01 12:00:00.123 4711 ERROR shop.db [req-1 a b] Traceback (most recent call last):",
    "2024-05-01 12:00:00.125 4711 ERROR shop.db [req-2 - - - -] it failed",
    '2024-05-01 12:00:00.125 4711 ERROR shop.db [req-2 - - - -]   File "a.py", line 3, in f',
    "2024-05-01 12:00:00,123 4711 [Thread-1] ERROR shop: it failed:",
    "2024-05-01 12:00:00,123 4711 [Thread-2] ERROR shop: Traceback (most recent call last):",
    "[2024-05-01 12:00:00 +0000] [1407] [ERROR] it failed",
    "2024-05-01 12:00:00.123 UTC [4711] a@b ERROR:  duplicate key",
    "2024-05-01 12:00:00.123 UTC [4711] a@b DETAIL:  Key (id)=(1) already exists.",
    "2024-05-01 12:00:00.123 UTC [4711] a@b LOG:  a checkpoint",
    "2024-05-01T12:00:00.123456Z 8 [ERROR] [MY-010584] [Repl] it failed",
    "240501 12:00:00 [Note] mysqld: ready",
    "4711:M 01 May 2024 12:00:00.003 # Can't save",
    "4711:M 01 May 2024 12:00:00.003 * fine",
    "2024-05-01 12:00:00.123456+00:00 [error] <0.123.0> it failed:",
    "=ERROR REPORT==== 1-May-2024::12:00:00 ===",
    'time="2024-05-01T12:00:00Z" level=error msg="it failed" err="x y"',
    'level=info event="x" exception="Traceback (most recent call last):\\n  File \\"a\\", line 1, in f\\nE: x"',
    'level=error msg="no end',
    "[05/01/24 12:00:00] ERROR    it failed                    a.py:3",
    "                    ERROR    it failed again              a.py:4",
    "                             ╭───── Traceback (most recent call last) ─────╮",
    "                             KeyError: 1",
    '192.0.2.7 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 500 -',
    "[pid: 7|app: 0|req: 1/1] 192.0.2.7 () {} [Wed May  1 12:00:00 2024] GET /",
    "[E 240501 12:00:00 web:1875] it failed",
    "    Traceback (most recent call last):",
    "05-01 12:00:00.000  2227  2228 E AndroidRuntime: FATAL EXCEPTION: main",
    "05-01 12:00:00.000  2227  2228 E AndroidRuntime: \tat a.B.c(B.java:12)",
    "E/Activity( 1702): it failed",
    "[Wed May 01 12:00:00.1 2024] [wsgi:error] [pid 12:tid 34] ERROR:shop:it failed",
    "[Wed May 01 12:00:00.2 2024] [wsgi:error] [pid 12:tid 34] Traceback (most recent call last):",
    "[pod/shop-1/web] ERROR:shop:it failed",
    "[pod/shop-1/web]",
    "12:00:01 web.1   | Traceback (most recent call last):",
    "web  | {",
    'web  |   "level": "error", "event": "x"',
    "web  | }",
    "2024-05-01T12:00:00.123456+00:00 app[web.1]: Traceback (most recent call last):",
    "[",
    "]",
    '  "level": "error", "event": "x"',
    "  {",
    "  },",
    "}",
    '[{"level": "error", "event": "x"}, {"level": "info", "event": "y"}]',
    '[{"textPayload": "x", "severity": "ERROR", "timestamp": 1}, {"',
    '{"textPayload": "Traceback (most recent call last):", "severity": "ERROR", "timestamp": 1}',
    '{"jsonPayload": {"message": "x"}, "severity": "ERROR", "timestamp": 1}',
    "2024-05-01T12:00:00.0Z stderr F ece",
    "--- Logging error ---",
    "Call stack:",
    "Arguments: (1,)",
    "Exception ignored in: <function f at 0x7f>",
    "Task exception was never retrieved",
    "future: <Task finished exception=KeyError(1)>",
    "py4j.protocol.Py4JJavaError: x",
    ": org.apache.spark.SparkException: x",
    "Caused by: a.PythonException: Traceback (most recent call last):",
    "Driver stacktrace:",
]

PREFIXES = ["", "myapp | ", "[stderr] ", ">> ", "May  1 12:00:00 web1 shop[4711]: ", "2024-05-01T12:00:00.0Z stderr F "]

KEYS = [
    *(
        "type",
        "message",
        "mro",
        "traceback",
        "cause",
        "attributes",
        "stack",
        "id",
        "time",
        "context",
        "exception_module",
    ),
    *("event", "level", "timestamp", "exception", "exc_type", "exc_value", "exc_notes", "frames", "exceptions", "name"),
    *("levelname", "exc_info", "asctime", "text", "record", "body", "severity_number", "severityText", "resourceLogs"),
    *("scopeLogs", "logRecords", "scope", "resource", "key", "value", "stringValue", "@timestamp", "log.level", "log"),
    *("error", "error.stack_trace", "msg", "err", "pid", "stream", "MESSAGE", "PRIORITY", "_PID", "severity"),
    *("textPayload", "jsonPayload", "protoPayload", "logName", "labels", "resource.labels.pod_name"),
]

pytestmark = pytest.mark.filterwarnings("ignore")


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_are_fatal_and_every_line_is_counted_once(data):
    _, counts = read(data)
    if data[:2] not in (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff"):
        assert counts.lines == lines_in(data.removeprefix(b"\xef\xbb\xbf"))


def lines_in(data: bytes) -> int:
    return data.count(b"\n") + (data != b"" and not data.endswith(b"\n"))


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from([None, *NAMES]))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_lines_follow_each_other_each_is_counted_once(lines, format_name):
    text = "\n".join(lines)
    _, counts = read(text, format_name=format_name)
    assert counts.lines == lines_in(text.encode())


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=30), st.sampled_from(PREFIXES), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_behind_a_prefix_is_counted_once(lines, prefix, alternates):
    text = "\n".join(line if alternates and number % 2 else prefix + line for number, line in enumerate(lines))
    _, counts = read(text)
    assert counts.lines == lines_in(text.encode())


@given(
    st.dictionaries(st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS), max_size=3), st.integers(0, 5), st.data()
)
@settings(max_examples=200, deadline=None)
def test_an_object_over_many_lines_cut_and_mixed_anywhere_loses_no_line(data, indent, draw):
    lines = (json.dumps({"level": "error", "event": "x", **data}, indent=indent) + "\n").splitlines()
    for _ in range(draw.draw(st.integers(0, 3))):
        lines.insert(draw.draw(st.integers(0, len(lines))), draw.draw(st.sampled_from(FRAGMENTS)))
    lines = lines[draw.draw(st.integers(0, len(lines))) :][: draw.draw(st.integers(0, len(lines)))] * 2
    text = "\n".join(lines)
    _, counts = read(text)
    assert counts.lines == lines_in(text.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(TRACEBACK),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8), st.sampled_from([None, *NAMES]))
@settings(max_examples=400, deadline=None)
def test_no_object_is_fatal(data, format_name):
    read(json.dumps(data), format_name=format_name)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20), st.integers(0, 2000))
@settings(max_examples=100, deadline=None)
def test_a_gzip_file_cut_anywhere_is_read_as_far_as_it_goes(lines, length):
    read(gzip.compress("\n".join(lines).encode())[:length])


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=20), st.data())
@settings(max_examples=100, deadline=None)
def test_a_file_cut_anywhere_loses_no_line(lines, data):
    text = "\n".join(lines).encode()
    read(text[data.draw(st.integers(0, len(text))) :][: data.draw(st.integers(0, len(text)))])


STARTS = [
    "",
    "2024-05-01 12:00:00,000 ",
    "2024-05-01 12:00:00,000 ERROR ",
    "2024-05-01 12:00:00,000 ERROR [",
    "2024-05-01 12:00:00,000 - ERROR [",
    "[Wed May 01 12:00:00 2024] [error] ",
    "May  1 12:00:00 web1 ",
    "<11>1 2024-05-01T12:00:00Z web1 shop - - [",
    "2024-05-01 12:00:00.000  1702  2395 E ",
    "- 1131566461 2005.11.09 dn228 ",
    "\tat a.b(",
    '  File "',
    "Traceback (most recent call last):\n",
    "java.io.IOException: ",
    '{"type": "E", "traceback": "',
    "INFO:shop:Traceback (most recent call last):\\n",
    "ERROR nova.api ",
    "2024-05-01 12:00:00 UTC ",
    "4711:M 01 May 2024 12:00:00.003 # ",
    "level=error ",
    'a="b" ',
    'a="',
    "192.0.2.7 - ",
    "[05/01/24 12:00:00] ERROR    ",
    "web  | ",
    "[{",
    "{\n",
    "2024-05-01T12:00:00.0Z stderr P ",
    "2024-05-01 12:00:00,000 [",
    ": java.lang.Error: ",
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "unit",
    [
        "-",
        " ",
        "a",
        "a-",
        "[",
        "]",
        "[]",
        "(",
        ":",
        ".log",
        'a", line 1',
        "\\n",
        "a.",
        "1 ",
        "<",
        "\t",
        'a="b" ',
        "a= ",
    ],
)
def test_no_line_makes_a_pattern_slow(start, unit):
    before = process_time()
    read(start + unit * (100_000 // len(unit)) + "\nERROR:shop:end\n")
    assert process_time() - before < 2
