"""Every word of a ``[breakers.NAME]`` table, given and left out."""

import pytest

from policy_engine.protect import (
    BreakerOptions,
    HalfOpen,
    OpenBackoff,
    SlowCall,
    Window,
    WindowKind,
    compile_breakers,
)


def options(**table):
    return compile_breakers({"api": table})["api"]


def test_a_table_says_all_that_code_may_say():
    assert options(
        failure_threshold=7,
        recovery_timeout="2m",
        success_threshold=2,
        timeout="5s",
        window={"kind": "count", "size": 20},
        failure_rate=0.25,
        minimum_calls=4,
        slow_call={"longer_than": "1500ms", "rate": 0.75},
        half_open={"permits": 3, "lease": "5s"},
        open_backoff={"factor": 1.5, "max": "1h", "jitter": 0.25},
        key="host",
    ) == BreakerOptions(
        failure_threshold=7,
        recovery_timeout=120.0,
        success_threshold=2,
        timeout=5.0,
        window=Window(WindowKind.COUNT, 20),
        failure_rate=0.25,
        minimum_calls=4,
        slow_call=SlowCall(longer_than=1.5, rate=0.75),
        half_open=HalfOpen(permits=3, lease=5.0),
        open_backoff=OpenBackoff(factor=1.5, maximum=3600.0, jitter=0.25),
        key="host",
    )


@pytest.mark.parametrize(
    ("name", "table", "meant"),
    [
        ("slow_call", {"longer_than": "2s"}, SlowCall(longer_than=2.0, rate=0.5)),
        ("half_open", {}, HalfOpen(permits=1, lease=30.0)),
        ("half_open", {"permits": 2}, HalfOpen(permits=2, lease=30.0)),
        ("half_open", {"lease": "5s"}, HalfOpen(permits=1, lease=5.0)),
        ("open_backoff", {}, OpenBackoff(factor=2.0, maximum=600.0, jitter=0.0)),
        ("window", {"kind": "time", "size": "1m"}, Window(WindowKind.TIME, 60.0)),
    ],
)
def test_what_a_table_leaves_out_is_as_the_docs_say(name, table, meant):
    assert getattr(options(**{name: table}), name) == meant


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("normal", "CLOSED"),
        ("forced_open", "FORCED_OPEN"),
        ("disabled", "DISABLED"),
        ("metrics_only", "METRICS_ONLY"),
    ],
)
def test_a_mode_is_what_a_breaker_does_while_nothing_else_is_ordered(word, state):
    assert options(mode=word).mode == state


def test_a_breaker_that_is_not_enforced_only_watches():
    chosen = options(enforce=False, mode="normal")
    assert (chosen.enforce, chosen.mode) == (False, "METRICS_ONLY")
