"""The bot under a server that fails in bursts: real sockets, ten minutes of virtual time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ws_alert.alerts import Priority
from ws_alert.rehearsal import PLAN, WELL, Rehearsal, rehearse

from policy_engine.reports import plot

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "bot-in-bursts.svg"
BURSTS = 2


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "*")
        return asyncio.run(rehearse())


def test_it_degrades_in_each_burst_and_returns_by_itself(rehearsal: Rehearsal) -> None:
    moves = [(change.before, change.after) for change in rehearsal.changes]
    one_burst = [("full", "degraded"), ("degraded", "minimal"), ("minimal", "degraded"), ("degraded", "full")]
    assert moves == one_burst * BURSTS
    assert all(change.cause.endswith("many-errors") for change in rehearsal.changes)
    assert rehearsal.engine.level() == "full"


def test_every_critical_alert_comes_through_at_every_level(rehearsal: Rehearsal) -> None:
    critical = [alert.id for _, alert in rehearsal.delivered if alert.priority is Priority.CRITICAL]
    assert {f"a-{number}" for number in range(1, rehearsal.critical_sent + 1)} <= set(critical)
    assert rehearsal.count(Priority.CRITICAL, "degraded") > 0
    assert rehearsal.count(Priority.CRITICAL, "minimal") > 0


def test_alerts_that_can_wait_are_not_delivered_while_it_is_degraded(rehearsal: Rehearsal) -> None:
    assert rehearsal.count(Priority.INFO, "full") > 0
    assert rehearsal.count(Priority.INFO, "degraded", "minimal", "emergency") == 0


def test_no_policy_but_a_good_server_brings_it_back(rehearsal: Rehearsal) -> None:
    ends = [sum(seconds for _, seconds in PLAN[: number + 1]) for number in range(len(PLAN))]
    good = [(end - seconds, end) for end, (behaviour, seconds) in zip(ends, PLAN, strict=True) if behaviour is WELL]
    for change in rehearsal.changes:
        if change.after == "full":
            assert any(start < change.time < end + 60 for start, end in good[1:])
    assert {change.cause for change in rehearsal.changes}.isdisjoint({"manual", "reload"})


def test_the_picture_in_the_docs_is_this_rehearsal(rehearsal: Rehearsal) -> None:
    drawn = plot(rehearsal.timeline, rehearsal.engine.policy.degradation, "svg")
    assert drawn == PICTURE.read_bytes()
