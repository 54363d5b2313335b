"""Alert routes: who hears of what, how often, in which words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from makers import an_info

from policy_engine.clock import VirtualClock
from policy_engine.model import AlertSent, Event, Occurrence, Severity
from policy_engine.observe import AlertRouter, compile_alerts

OPS = {"ops": {"kind": "log"}}


class Desk:
    """A router on a virtual clock, and what it sent."""

    def __init__(self, *routes: dict[str, Any], dry: bool = False) -> None:
        self.clock = VirtualClock()
        self.events: list[Event] = []
        self.faults: list[str] = []
        self.options = compile_alerts({"channels": OPS, "routes": list(routes)})
        self.router = AlertRouter(
            self.options,
            clock=self.clock,
            publish=self.events.append,
            fault=lambda where, error: self.faults.append(where),
            dry=dry,
        )

    def error(self, **fields: Any) -> None:
        info = an_info(**fields)
        occurrence = Occurrence(info.type, info.mro, info.message, category=info.category, severity=info.severity)
        self.router.error_handled(occurrence, info, self.options)
        self.clock.advance(0)

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, AlertSent)]


def test_only_matching_errors_alert_and_the_text_says_what_failed(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk({"name": "critical", "match": {"severity": "CRITICAL"}, "channel": "ops"})
    desk.error(severity=Severity.HIGH)
    desk.error(severity=Severity.CRITICAL, message="disk full", module="Store", function="write")
    assert desk.texts == ["CRITICAL UNKNOWN: ValueError: disk full in Store.write"]
    assert caplog.record_tuples == [("policy_engine.alerts", logging.ERROR, desk.texts[0])]


def test_a_throttle_holds_back_within_a_group_and_says_how_many() -> None:
    grouped = {"group_by": ["category"], "throttle": "5m", "text": "{{ suppressed }}"}
    desk = Desk({"name": "all", "channel": "ops", **grouped})
    for _ in range(3):
        desk.error(category="API")
    desk.error(category="DATABASE")
    assert desk.texts == ["0", "0"]
    desk.clock.advance(300)
    desk.error(category="API")
    assert desk.texts == ["0", "0", "2"]


def test_a_line_break_in_a_message_forges_no_second_log_record(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk({"name": "all", "channel": "ops"})
    desk.error(message="a\nCRITICAL forged")
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]


def test_a_template_that_fails_sends_plain_words_and_reports_the_fault() -> None:
    desk = Desk({"name": "all", "channel": "ops", "text": "{{ 1 / 0 }}"})
    desk.error(message="boom")
    assert desk.texts == ["MEDIUM UNKNOWN: ValueError: boom"]
    assert desk.faults == ["the text of an alert"]


def test_a_message_that_looks_like_a_template_is_not_run() -> None:
    desk = Desk({"name": "all", "channel": "ops"})
    desk.error(message="{{ 7 * 7 }}")
    assert "{{ 7 * 7 }}" in desk.texts[0]


def test_dry_alerts_are_published_and_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk({"name": "all", "channel": "ops"}, dry=True)
    desk.error()
    assert len(desk.texts) == 1
    assert not caplog.records


def test_what_a_full_queue_refuses_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk({"name": "all", "channel": "ops"})
    full: Callable[..., bool] = lambda task: False  # noqa: E731
    monkeypatch.setattr(desk.clock, "submit", full)
    desk.error()
    assert desk.router.dropped == 1
