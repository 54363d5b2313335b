"""Logs of the servers behind a service, and of what runs it: one error each, whatever lines it takes."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

NOON = 1714564800.0

ERRORS = [
    # format, line, logger, message
    ("postgresql", "2024-05-01 12:00:00.000 UTC [4711] ERROR:  down", "", "down"),
    ("postgresql", "2024-05-01 12:00:00 UTC [4711-3] app@shop FATAL:  down", "app@shop", "down"),
    ("postgresql", "2024-05-01 14:00:00.000 +02 [4711] app@shop [psql] PANIC:  down", "app@shop", "down"),
    ("postgresql", "2024-05-01 12:00:00 UTC:192.0.2.7(1234):app@shop:[4711]:ERROR:  down", "app@shop", "down"),
    ("mysql", "2024-05-01T12:00:00.000000Z 8 [ERROR] [MY-010584] [Repl] down", "Repl", "down"),
    ("mysql", "2024-05-01 12:00:00 0 [ERROR] InnoDB: down", "", "InnoDB: down"),
    ("mysql", "240501 12:00:00 [ERROR] mysqld: down", "", "mysqld: down"),
    ("redis", "4711:M 01 May 2024 12:00:00.000 # Background saving error", "", "Background saving error"),
    ("redis", "[4711] 01 May 12:00:00.000 # Can't save", "", "Can't save"),
    ("rabbitmq", "2024-05-01 12:00:00.000000+00:00 [error] <0.123.0> down", "", "down"),
    ("rabbitmq", "=ERROR REPORT==== 1-May-2024::12:00:00 ===\ndown", "", "down"),
    ("tornado", "[E 240501 12:00:00 web:1875] down", "web:1875", "down"),
    ("tornado", "[C 2024-05-01 12:00:00.000 ServerApp] down", "ServerApp", "down"),
    ("logcat", "05-01 12:00:00.000 E/ActivityManager( 1702): down", "ActivityManager", "down"),
    ("python-logging", "2024-05-01 12:00:00,000 CRIT Supervisor stopped", "", "Supervisor stopped"),
]

QUIET = [
    ("postgresql", "2024-05-01 12:00:00.123 UTC [1] LOG:  database system is ready to accept connections"),
    ("postgresql", "2024-05-01 12:00:00.123 UTC [1] WARNING:  there is no transaction in progress"),
    ("mysql", "2024-05-01T12:00:00.123456Z 0 [Warning] [MY-011068] [Server] The syntax is deprecated"),
    ("mysql", "240501  9:00:00 [Note] mysqld: ready for connections"),
    ("redis", "1:C 01 May 2024 12:00:00.000 # Redis is starting"),
    ("redis", "1:M 01 May 2024 12:00:00.000 # WARNING: overcommit_memory is off, a save could fail"),
    ("redis", "1:M 01 May 2024 12:00:00.000 * No failures so far"),
    ("redis", "1:M 01 May 2024 12:00:00.000 - Accepted 192.0.2.7:1234"),
    ("redis", "1:S 01 May 2024 12:00:00.000 # Failover election won"),
    ("redis", "1:signal-handler (1714564806) Received SIGTERM scheduling shutdown..."),
    ("rabbitmq", "2024-05-01 12:00:00.123 [warning] <0.125.0> closing connection"),
    ("rabbitmq", "=INFO REPORT==== 1-May-2024::12:00:01 ==="),
    ("access-log", '192.0.2.7 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 500 145'),
    ("access-log", '[01/May/2024 12:00:00] "GET / HTTP/1.1" 500 145'),
    ("access-log", "[pid: 7|app: 0|req: 1/1] 192.0.2.7 () {4 vars in 60 bytes} [Wed May  1 12:00:00 2024] GET / => "),
    ("logcat", "I/ActivityManager( 1702): started"),
]


@pytest.mark.parametrize(("name", "line", "logger", "message"), ERRORS)
def test_an_error_has_its_message_logger_and_time(name, line, logger, message):
    found, counts = read(line + "\n", reference=NOON)
    assert set(counts.formats) == {name}
    occurrence = found[0].occurrence
    assert (occurrence.message, occurrence.module, occurrence.time) == (message, logger, NOON)


@pytest.mark.parametrize(("name", "line"), QUIET)
def test_a_line_that_is_no_error_is_known_all_the_same(name, line):
    found, counts = read(line + "\n", reference=NOON)
    assert (found, counts.other, counts.formats) == ([], 1, {name: 1})


def test_what_postgresql_adds_to_an_error_is_part_of_it():
    prefix = "2024-05-01 12:00:00.123 UTC [4711] app@shop "
    log = (
        f"{prefix}ERROR:  duplicate key\n{prefix}DETAIL:  Key (id)=(1) already exists.\n"
        f"{prefix}STATEMENT:  INSERT INTO users\n\tVALUES (1)\n"
        f"{prefix.replace('4711', '4712')}LOG:  a checkpoint\n{prefix}LOG:  disconnected\n"
    )
    found, counts = read(log)
    assert [each.occurrence.message for each in found] == [
        "duplicate key\nDETAIL:  Key (id)=(1) already exists.\nSTATEMENT:  INSERT INTO users\n\tVALUES (1)"
    ]
    assert (counts.error_lines, counts.other) == (4, 2)


def test_errors_of_two_clients_of_postgresql_are_kept_apart():
    prefix = "2024-05-01 12:00:00.123 UTC [471{}] app@shop "
    rows = [("1", "ERROR:  a"), ("2", "ERROR:  b"), ("1", "HINT:  of a"), ("2", "HINT:  of b")]
    log = "".join(f"{prefix.format(client)}{text}\n" for client, text in rows)
    assert errors_in(log) == [("", "a\nHINT:  of a"), ("", "b\nHINT:  of b")]


def test_a_crash_of_an_android_process_is_one_error():
    prefix = "05-01 12:00:00.000  2227  2228 E AndroidRuntime: "
    lines = ["FATAL EXCEPTION: main", "Process: shop, PID: 2227", "java.lang.Error: down", "\tat a.B.c(B.java:12)"]
    error = the_error("".join(f"{prefix}{line}\n" for line in lines), reference=NOON)
    assert (error.occurrence.type, error.occurrence.message) == ("java.lang.Error", "down")


def test_records_inside_what_mod_wsgi_calls_an_error_have_their_own_level():
    prefix = "[Wed May 01 12:00:00.000001 2024] [wsgi:error] [pid 12:tid 34] "
    own = "2024-05-01 12:00:00.123 12 {} keystone.wsgi "
    log = f"{prefix}{own.format('INFO')}[-] GET /\n{prefix}{own.format('ERROR')}[-] it failed\n"
    log += "".join(f"{prefix}{own.format('ERROR')}{line}\n" for line in TRACEBACK.splitlines())
    found, counts = read(log)
    assert [(each.occurrence.type, each.occurrence.module) for each in found] == [("KeyError", "keystone.wsgi")]
    assert (counts.error_lines, counts.other) == (6, 1)


@pytest.mark.parametrize(
    "prefix",
    [
        "2024-05-01T12:00:00.123456+00:00 app[web.1]: ",
        "May  1 12:00:00 shop[4711]: ",
        "2024-05-01T12:00:00.1234567Z ",
        "[pod/shop-7d9f8/web] ",
        "12:00:01 web.1    | ",
        "web  | ",
    ],
)
def test_a_prefix_of_tools_stands_before_each_line(prefix):
    lines = ["hello", *TRACEBACK.splitlines()]
    found, counts = read("".join(f"{prefix}{line}\n" for line in lines), reference=NOON)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [("KeyError", "'apple'")]
    assert counts.unparsed == 0


@pytest.mark.parametrize("blank", ["\t", "  \t"])
def test_a_traceback_of_twisted_stands_on_tabs(blank):
    margin = "".join(f"{blank}{line}\n" for line in TRACEBACK.splitlines())
    occurrence = the_error(f"2024-05-01T12:00:00+0000 [-] Unhandled Error\n{margin}").occurrence
    assert (occurrence.type, occurrence.message, occurrence.function) == ("KeyError", "'apple'", "add")


def test_a_traceback_may_be_indented_with_blanks_that_do_not_break():
    printed = TRACEBACK.replace("\n  ", "\n\xa0\xa0")
    occurrence = the_error(f"[ERROR] KeyError: 'apple'\n{printed}").occurrence
    assert (occurrence.type, occurrence.message, occurrence.function) == ("KeyError", "'apple'", "add")


def test_a_tornado_traceback_stands_on_a_margin():
    margin = "".join(f"    {line}\n" for line in TRACEBACK.splitlines())
    occurrence = the_error(f"[E 240501 12:00:00 web:1875] Uncaught exception GET /\n{margin}").occurrence
    assert (occurrence.type, occurrence.message, occurrence.function) == ("KeyError", "'apple'", "add")
