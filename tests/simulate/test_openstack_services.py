"""Lines as OpenStack's services write them: to files, to the journal, to syslog, under web servers."""

from __future__ import annotations

import pytest
from simulate.reading_makers import TRACEBACK, errors_in, read, the_error

APPLE = ("KeyError", "'apple'")
DATED = "2024-05-01 12:00:00.123 7 "
JOURNAL = "May 01 12:00:00 controller nova-compute[123]: "


def prefixed(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize("outer", [DATED, JOURNAL, ""])
@pytest.mark.parametrize("logger", ["nova.compute.manager", "glance"])
@pytest.mark.parametrize(
    "request_id", ["[None req-1 admin admin]", "[req-2 req-1 admin shop - - default default]", "[-]"]
)
@pytest.mark.parametrize("about", ["", " [instance: 0b0a-11]"])
def test_a_record_and_its_traceback_are_one_error(outer, logger, request_id, about):
    log = (
        f"{outer}ERROR {logger} {request_id}{about} it failed\n"
        + prefixed(TRACEBACK, f"{outer}ERROR {logger}{about} ")
        + f"{outer}INFO {logger} {request_id}{about} on we go\n"
    )
    found, counts = read(log)
    assert [(each.occurrence.type, each.occurrence.message) for each in found] == [APPLE]
    assert (found[0].occurrence.module, found[0].occurrence.context["log_message"]) == (logger, "it failed")
    assert (counts.error_lines, counts.other, counts.unparsed) == (6, 1, 0)


def test_a_traceback_at_a_level_of_its_own_belongs_to_its_record():
    log = f"{DATED}ERROR nova.x [-] it failed\n" + prefixed(f"{TRACEBACK}\n", f"{DATED}TRACE nova.x ")
    assert errors_in(log) == [APPLE]


def test_text_that_looks_like_no_traceback_is_a_record_of_its_own():
    assert errors_in("ERROR shop cannot connect\nERROR www.example.com is down\n") == [
        ("", "shop cannot connect"),
        ("", "www.example.com is down"),
    ]


def test_swift_writes_its_levels_into_the_text_of_syslog():
    tag = "May  1 12:00:00 node1 proxy-server: "
    assert errors_in(f"{tag}ERROR with Account server: timed out\n{tag}ALERT me\n{tag}all is well\n") == [
        ("", "with Account server: timed out")
    ]
    assert errors_in(prefixed(TRACEBACK, f"{tag}STDERR: ")) == [APPLE]


def test_lines_of_uwsgi_stand_between_those_of_a_service():
    log = (
        f"{DATED}ERROR placement.handler [req-1 a b - - -] it failed\n"
        + prefixed(TRACEBACK, f"{DATED}ERROR placement.handler ")
        + "[pid: 7|app: 0|req: 1/1] 192.0.2.7 () {62 vars in 1290 bytes} [Wed May  1 12:00:00 2024] GET / => 1 byte\n"
        "Wed May  1 12:00:01 2024 - uwsgi_response_write_headers_do(): Broken pipe during GET / (192.0.2.7)\n"
        f"{TRACEBACK}"
        "[pid: 7|app: 0|req: 2/2] 192.0.2.7 () {62 vars in 1290 bytes} [Wed May  1 12:00:01 2024] GET / => 0 bytes\n"
    )
    assert errors_in(log) == [APPLE, APPLE]


def test_an_error_of_the_message_bus_names_its_exception_at_the_end_of_its_text():
    log = (
        f"{DATED}ERROR oslo_messaging.rpc.server [req-2 - - -] Exception during message handling: KeyError: 'apple'\n"
        + prefixed(f"{TRACEBACK}\n", f"{DATED}ERROR oslo_messaging.rpc.server ")
        + f"{DATED}ERROR heat.engine.resource [req-3 - - - - -] CREATE : Server\n"
    )
    assert errors_in(log) == [APPLE, ("", "CREATE : Server")]
    assert the_error(log.splitlines()[0]).occurrence.module == "oslo_messaging.rpc.server"
