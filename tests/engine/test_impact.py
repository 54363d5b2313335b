"""What an error cost, and which error a consequence is charged to: the rules of the docs' table, in virtual time."""

from __future__ import annotations

import asyncio

import pytest
from makers import an_engine

from policy_engine import VirtualClock
from policy_engine.metrics.rollup import Window
from policy_engine.model import ErrorHandled, RecoveryChanged

NOON = 1_772_366_400.0
POLICY = """
[categories.NETWORK]
severity = "HIGH"
retryable = true
[categories.DATA]
severity = "LOW"
[[rules]]
name = "net"
match.exception = "ConnectionError"
category = "NETWORK"
[[rules]]
name = "data"
match.exception = "ValueError"
category = "DATA"
[breakers.api]
failure_threshold = 1
recovery_timeout = "60s"
[calls.api]
breaker = "api"
[calls.retried]
retry = { attempts = 3, backoff = { kind = "constant", initial = "2s" } }
[calls.outer]
retry = { attempts = 2, backoff = { kind = "constant", initial = "10s" } }
[calls.plain]
[calls.answered]
retry = { attempts = 2, backoff = { kind = "constant", initial = "1s" } }
fallback = { value = 7 }
"""
LEVELS = """
[degradation]
levels = ["full", "degraded", "minimal"]
[degradation.components.charts]
[[degradation.triggers]]
name = "too-many"
level = "degraded"
when = { metric = "errors", category = "NETWORK", window = "1m", at_least = 2 }
release = { below = 1, for = "30s" }
"""
RECOVERY = """
[[recovery.strategies]]
name = "reconnect"
match = { category = "NETWORK" }
steps = [{ action = "wait", for = "5s" }]
[[recovery.strategies]]
name = "give-up"
match = { category = "DATA" }
steps = [{ action = "wait", for = "3s" }, { action = "call", function = "broken" }]
"""


@pytest.fixture(params=["", '[store]\nkind = "memory"\n'], ids=["live", "store"])
def engine_of(request):
    """Makes engines that answer from their own counts, or from a store: by the same rules."""

    def make(policy=POLICY):
        return an_engine(policy + request.param, clock=VirtualClock(NOON))

    return make


def impact(engine, by="type", **where):
    groups = engine.statistics(since="1d", by=by, **where)["groups"]
    return {group[by]: group["impact"] | {"errors": group["errors"]} for group in groups}


def fail(engine, call, error, *, takes=0.5):
    """Make a protected call that fails after ``takes`` seconds in each attempt."""

    @engine.protect(call)
    def work():
        engine.clock.advance(takes)
        raise error()

    with pytest.raises(Exception):  # noqa: B017  the error, or the refusal
        work()


def test_a_failed_call_costs_all_its_attempts_and_the_waits_between_them(engine_of):
    engine = engine_of()
    fail(engine, "retried", ConnectionResetError, takes=0.5)
    cost = impact(engine)["ConnectionResetError"]
    assert (cost["errors"], cost["retries"], cost["call_seconds"]) == (1, 2, 3 * 0.5 + 2 * 2.0)


def test_a_failed_call_of_a_coroutine_costs_the_same(engine_of):
    engine = engine_of()

    @engine.protect("retried")
    async def work():
        engine.clock.advance(0.5)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(work())
    cost = impact(engine)["ConnectionResetError"]
    assert (cost["errors"], cost["retries"], cost["call_seconds"]) == (1, 2, 3 * 0.5 + 2 * 2.0)


def test_a_block_costs_as_long_as_it_ran_with_and_without_async(engine_of):
    engine = engine_of()

    def block():
        with engine.call("plain"):
            engine.clock.advance(0.25)
            raise ConnectionResetError

    async def main():
        async with engine.call("plain"):
            engine.clock.advance(0.5)
            raise ValueError

    with pytest.raises(ConnectionResetError):
        block()
    with pytest.raises(ValueError):
        asyncio.run(main())
    found = impact(engine)
    assert found["ConnectionResetError"]["call_seconds"] == 0.25
    assert found["ValueError"]["call_seconds"] == 0.5


def test_in_nested_protections_the_time_is_the_outermost_calls_and_the_retries_add_up(engine_of):
    engine = engine_of()

    @engine.protect("retried")
    def inner():
        engine.clock.advance(1.0)
        raise ConnectionResetError

    @engine.protect("plain")
    def outer():
        engine.clock.advance(4.0)
        inner()

    with pytest.raises(ConnectionResetError):
        outer()
    cost = impact(engine)["ConnectionResetError"]
    assert (cost["errors"], cost["retries"], cost["call_seconds"]) == (1, 2, 4.0 + 3 * 1.0 + 2 * 2.0)


def test_a_failure_that_a_fallback_answers_is_a_failed_call_and_no_error(engine_of):
    engine = engine_of()

    @engine.protect("answered")
    def work():
        engine.clock.advance(0.5)
        raise ConnectionResetError

    assert work() == 7
    found = engine.statistics(since="1h")
    assert (found["errors"], found["impact"]["retries"]) == (0, 0)
    assert found["calls"]["answered"] | {"seconds": None} == {
        "calls": 1,
        "failed": 1,
        "slow": 0,
        "refused": 0,
        "error_ratio": 1.0,
        "seconds": None,
    }


def test_a_call_that_a_later_attempt_saved_costs_no_error_anything(engine_of):
    engine = engine_of()
    failures = iter([ConnectionResetError])

    @engine.protect("retried")
    def work():
        for failure in failures:
            raise failure
        return 1

    assert work() == 1
    assert engine.statistics(since="1h")["groups"] == []


def test_an_error_that_left_no_protected_call_has_no_call_time(engine_of):
    engine = engine_of()
    info = engine.handle(ValueError("bad"))
    assert (info.call, info.call_seconds, info.retries) == ("", None, 0)
    assert impact(engine)["ValueError"]["call_seconds"] == 0.0


def test_a_refused_call_is_charged_to_the_error_that_last_left_a_call_of_that_name(engine_of):
    engine = engine_of()
    fail(engine, "api", ConnectionResetError)
    fail(engine, "plain", ValueError)
    for _ in range(3):
        fail(engine, "api", ConnectionResetError)
    found = impact(engine)
    assert (found["ConnectionResetError"]["errors"], found["ConnectionResetError"]["refused_calls"]) == (1, 3)
    assert found["ValueError"]["refused_calls"] == 0
    assert engine.statistics(since="1h")["calls"]["api"]["refused"] == 3


def test_time_below_the_best_level_is_charged_to_the_error_before_the_fall_until_the_level_is_back(engine_of):
    engine = engine_of(POLICY + LEVELS)
    engine.handle(ConnectionAbortedError())
    engine.handle(ConnectionResetError())
    assert engine.degradation.current_level == "degraded"
    engine.clock.advance(20.0)
    engine.handle(ValueError())
    assert impact(engine)["ConnectionResetError"]["degraded_seconds"] == 20.0, "so far"
    assert impact(engine)["ConnectionResetError"]["degraded_seconds"] == 20.0, "asking again adds nothing"
    while engine.degradation.current_level != "full":
        engine.clock.advance(1.0)
    took = engine.clock.time() - NOON
    engine.clock.advance(1000.0)
    found = impact(engine)
    assert found["ConnectionResetError"]["degraded_seconds"] == pytest.approx(took)
    assert found["ConnectionAbortedError"]["degraded_seconds"] == found["ValueError"]["degraded_seconds"] == 0.0


def test_a_level_that_falls_further_is_charged_to_the_first_cause_and_a_component_beside(engine_of):
    engine = engine_of(POLICY + LEVELS)
    engine.handle(ValueError())
    engine.degradation.set_level("degraded", "by hand")
    engine.clock.advance(10.0)
    engine.handle(ConnectionResetError())
    engine.degradation.set_level("minimal", "by hand")
    engine.clock.advance(5.0)
    engine.degradation.set_level("full", "by hand")
    assert impact(engine)["ValueError"]["degraded_seconds"] == 15.0
    engine.degradation.set_level("degraded", "by hand", component="charts")
    engine.clock.advance(7.0)
    engine.degradation.set_level("full", "by hand", component="charts")
    assert impact(engine)["ConnectionResetError"]["degraded_seconds"] == 7.0


def test_a_level_that_nobody_had_an_error_before_is_charged_to_none(engine_of):
    engine = engine_of(POLICY + LEVELS)
    engine.degradation.set_level("minimal", "by hand")
    engine.clock.advance(10.0)
    engine.handle(ValueError())
    engine.degradation.set_level("full", "by hand")
    assert impact(engine)["ValueError"]["degraded_seconds"] == 0.0


def test_time_to_recover_is_charged_to_the_error_that_started_it_whether_it_worked_or_not(engine_of):
    engine = engine_of(POLICY + RECOVERY)
    engine.handle(ConnectionResetError())
    engine.clock.advance(2.0)
    engine.handle(ConnectionResetError(), module="another")
    engine.clock.advance(60.0)
    engine.handle(ValueError())
    engine.clock.advance(60.0)
    found = impact(engine)
    assert found["ConnectionResetError"]["recovery_seconds"] == 5.0
    assert found["ValueError"]["recovery_seconds"] >= 3.0
    assert impact(engine, by="module", type="ConnectionResetError")["another"]["recovery_seconds"] == 0.0
    assert engine.statistics(since="1h")["recovery_seconds"].keys() == {"reconnect"}, "of those that succeeded"


class AtOnce(VirtualClock):
    """Runs work the moment it is submitted, as a worker does that is faster than its caller."""

    def submit(self, task):
        task()
        return True


@pytest.mark.parametrize("store", ["", '[store]\nkind = "memory"\n'], ids=["live", "store"])
def test_a_recovery_that_ends_before_its_error_is_through_is_charged_to_it_too(store):
    step = '{ action = "call", function = "repair" }'
    engine = an_engine(
        POLICY + RECOVERY.replace('{ action = "wait", for = "5s" }', step) + store, clock=AtOnce(NOON)
    )
    engine.register("repair", lambda _: engine.clock.advance(0.25))
    events = []
    engine.subscribe(events.append)
    info = engine.handle(ConnectionResetError())
    assert [type(event) for event in events[-2:]] == [RecoveryChanged, ErrorHandled]
    found = engine.statistics(since="1h")
    assert found["impact"]["recovery_seconds"] == 0.25
    assert list(found["recovery_seconds"]) == ["reconnect"]
    if store:
        (recovery,) = engine.store.reader().recoveries(Window(0.0, 4e9), 10)
        assert recovery.fingerprint == info.fingerprint


def test_an_error_that_found_a_recovery_under_way_is_not_charged_for_it(engine_of):
    engine = engine_of(POLICY + RECOVERY)
    first = engine.handle(ConnectionResetError())
    second = engine.handle(ConnectionAbortedError())
    assert second.recovery_id == first.recovery_id
    engine.clock.advance(60.0)
    found = impact(engine)
    assert found["ConnectionResetError"]["recovery_seconds"] == 5.0
    assert found["ConnectionAbortedError"]["recovery_seconds"] == 0.0


def test_what_only_a_replay_saw_is_not_stored(tmp_path):
    path = tmp_path / "errors.db"
    engine = an_engine(f'{POLICY}[store]\nkind = "sqlite"\npath = "{path}"\n', clock=VirtualClock(NOON), dry=True)
    engine.handle(ValueError())
    assert engine.store is None
    assert not path.exists()
