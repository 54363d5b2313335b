"""Text formats: what stands where on the first line of a record."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

from policy_engine.simulate.formats import NAMES, custom_format

NOON = 1714564800.0

ERRORS = [
    # format, line, logger, message
    ("openstack", "2024-05-01 12:00:00.000 4711 ERROR nova.api [req-1 a b - - -] down", "nova.api", "down"),
    ("openstack", "2024-05-01 12:00:00.000 4711 ERROR nova.api [-] [instance: 0b0a] down", "nova.api", "down"),
    ("openstack", "nova-api.log.1.2017 2024-05-01 12:00:00.000 4711 CRITICAL nova.api [-] down", "nova.api", "down"),
    ("apache", "[Wed May 01 12:00:00 2024] [error] down", "", "down"),
    ("apache", "[Wed May 01 12:00:00.000000 2024] [core:crit] [pid 12:tid 34] down", "core", "down"),
    ("apache", "[Wed May  1 12:00:00 2024] [error] [client 192.0.2.7] down", "", "[client 192.0.2.7] down"),
    ("nginx", "2024/05/01 12:00:00 [error] 12#34: *90 down", "", "down"),
    ("nginx", "2024/05/01 12:00:00 [emerg] 12#34: down", "", "down"),
    ("log4j", "2024-05-01 12:00:00,000 FATAL [IPC handler [1] on 2] org.apache.Task: down", "org.apache.Task", "down"),
    ("log4j", "2024-05-01 12:00:00,000 ERROR [http-1] com.shop.Cart - down", "com.shop.Cart", "down"),
    ("log4j", "2024-05-01 12:00:00,000 - ERROR [Handler-/192.0.2.1:5:Learner@562] - down", "Learner", "down"),
    ("log4j", "240501 120000 148 ERROR dfs.DataNode$Responder: down", "dfs.DataNode$Responder", "down"),
    ("log4j", "24/05/01 12:00:00 ERROR executor.Backend: down", "executor.Backend", "down"),
    ("log4j", "2024-05-01T12:00:00.000Z ERROR 4711 --- [main] shop.cart.Cart  : down", "shop.cart.Cart", "down"),
    ("logcat", "2024-05-01 12:00:00.000  1702  2395 E WindowManager: down", "WindowManager", "down"),
    ("cluster", "APPREAD 1714564800 2024.05.01 R27 2024-05-01-12.00.00.000000 R27 RAS APP FATAL down", "APP", "down"),
    ("dated", "2024-05-01 12:00:00, Error                 CBS    down", "", "CBS    down"),
    ("dated", "01/May/2024:12:00:00 +0000 error: down", "", "down"),
]

QUIET = [
    ("logcat", "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezingDisplayLogs opening"),
    ("glog", "W0501 12:00:00.123456    4711 cart.go:31] careful"),
    (
        "cluster",
        "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root",
    ),
    ("cluster", "134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change: unavailable"),
    ("dated", "20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579"),
    ("dated", "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.23505 with Core"),
    ("dated", "[10.30 16:49:06] chrome.exe - proxy.example.com:5070 error : Could not connect"),
    (
        "syslog",
        "Jul  1 09:00:55 calvisitor-10-105 kernel[0]: IOThunderboltSwitch<0>(0x0)::listenerCallback - Thunderbolt",
    ),
    (
        "syslog",
        "Jul  2 16:01:51 host com.apple.xpc.launchd[1] (com.apple.quicklook[1234]): Service exited with abnormal code",
    ),
    ("syslog", "Dec 10 06:55:46 LabSZ sshd[24200]: reverse mapping checking failed - POSSIBLE BREAK-IN ATTEMPT!"),
    ("log4j", "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers"),
]


@pytest.mark.parametrize(("name", "line", "logger", "message"), ERRORS)
def test_an_error_has_its_message_logger_and_time(name, line, logger, message):
    found, counts = read(line + "\n", reference=NOON)
    assert counts.formats == {name: 1}
    occurrence = found[0].occurrence
    assert (occurrence.message, occurrence.module, occurrence.time) == (message, logger, NOON)


@pytest.mark.parametrize(("name", "line"), QUIET)
def test_a_line_that_is_no_error_is_known_all_the_same(name, line):
    found, counts = read(line + "\n", reference=NOON)
    assert (found, counts.other, counts.formats) == ([], 1, {name: 1})


def test_glog_has_no_year():
    occurrence = the_error("E0501 12:00:00.000000    4711 cart.go:31] down", reference=NOON).occurrence
    assert (occurrence.message, occurrence.module, occurrence.time) == ("down", "cart.go:31", NOON)


def test_a_traceback_of_mod_wsgi_is_one_error():
    prefix = "[Wed May 01 12:00:00.00000{} 2024] [wsgi:error] [pid 12:tid 34] [client 192.0.2.7:1234] "
    lines = ["mod_wsgi (pid=12): Exception occurred processing WSGI script", *TRACEBACK.splitlines()]
    text = "".join(prefix.format(number) + line + "\n" for number, line in enumerate(lines))
    assert [kind for kind, _ in errors_in(text)] == ["", "KeyError"]
    assert errors_in(text)[1] == ("KeyError", "'apple'")


def test_neighbouring_lines_may_have_different_formats():
    text = "\n".join(line for _, line, _, _ in ERRORS) + "\n"
    found, counts = read(text, reference=NOON)
    assert [each.occurrence.message for each in found] == [message for _, _, _, message in ERRORS]
    assert counts.unparsed == 0


def test_a_named_format_reads_nothing_else():
    text = "ERROR:shop:down\n2024/05/01 12:00:00 [error] 12#34: *90 down\n"
    found, counts = read(text, format_name="nginx")
    assert [each.line for each in found] == [2]
    assert counts.unparsed == 1


def test_every_format_has_a_name_of_its_own():
    assert len(set(NAMES)) == len(NAMES)
    assert {"record", "traceback", "python-logging", "structlog", "journald", "docker", "syslog"} <= set(NAMES)


def test_a_regex_with_named_groups_is_a_format():
    own = custom_format(r"(?P<time>\d+) !(?P<level>\w+)! <(?P<logger>\w+)> (?P<message>.*)")
    text = f"1714564800 !ERROR! <shop> it failed\n{TRACEBACK}1714564801 !info! <shop> ok\nsomething else\n"
    found, counts = read(text, line_format=own)
    occurrence = found[0].occurrence
    assert (occurrence.type, occurrence.module, occurrence.time) == ("KeyError", "shop", NOON)
    assert (len(found), counts.other, counts.unparsed) == (1, 2, 0)


def test_a_regex_without_a_level_tells_no_errors_but_tracebacks():
    own = custom_format(r"(?P<message>\w.*)")
    assert errors_in(f"ERROR something\nall well\n{TRACEBACK}", line_format=own) == [("KeyError", "'apple'")]


def test_a_regex_needs_a_group_for_the_message():
    with pytest.raises(ValueError, match="message"):
        custom_format(r"(?P<level>\w+)")
