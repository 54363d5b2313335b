"""What a breaker may be told, from code and from TOML."""

import dataclasses
import json
import math

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker, attempt, succeed

from policy_engine.clock import VirtualClock
from policy_engine.protect import (
    BreakerOptions,
    CircuitBreakerConfig,
    HalfOpen,
    OpenBackoff,
    SlowCall,
    Window,
    WindowKind,
    compile_breakers,
)


def test_the_defaults_are_those_the_docs_name():
    config = CircuitBreakerConfig()
    assert dataclasses.astuple(config) == (5, 60.0, 3, 30.0)
    assert CircuitBreakerConfig(2, 1.0, 1, 5.0).timeout == 5.0


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("failure_threshold", 0, "a whole number, 1 or more"),
        ("failure_threshold", -5, "a whole number, 1 or more"),
        ("failure_threshold", True, "a whole number, 1 or more"),
        ("failure_threshold", 2.5, "a whole number, 1 or more"),
        ("success_threshold", 0, "a whole number, 1 or more"),
        ("recovery_timeout", -1, "0 or more"),
        ("recovery_timeout", math.inf, "0 or more"),
        ("recovery_timeout", math.nan, "0 or more"),
        ("recovery_timeout", "60s", "0 or more"),
        ("timeout", 0, "above 0"),
        ("timeout", -1.0, "above 0"),
        ("timeout", math.nan, "above 0"),
    ],
)
def test_a_value_that_cannot_work_is_refused_and_the_message_says_what_is_allowed(field, value, allowed):
    with pytest.raises(ValueError, match=f"{field} is .*{allowed}"):
        CircuitBreakerConfig(**{field: value})
    with pytest.raises(ValueError, match=allowed):
        BreakerOptions(**{field: value})


def test_the_edges_that_can_work_are_accepted():
    CircuitBreakerConfig(failure_threshold=1, recovery_timeout=0, success_threshold=1, timeout=math.inf)


def test_a_config_is_frozen_and_its_mistakes_do_not_pass_a_replace():
    config = CircuitBreakerConfig()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.timeout = 1.0
    with pytest.raises(ValueError, match="timeout"):
        dataclasses.replace(config, timeout=0)


def test_every_breaker_inherits_from_the_default_table():
    compiled = compile_breakers(
        {
            "default": {
                "description": "for all",
                "failure_threshold": 7,
                "recovery_timeout": "2m",
                "half_open": {"permits": 2, "lease": "5s"},
            },
            "api": {"recovery_timeout": "250ms"},
        }
    )
    assert compiled["api"] == BreakerOptions(
        failure_threshold=7, recovery_timeout=0.25, half_open=HalfOpen(permits=2, lease=5.0)
    )
    assert compiled["default"].recovery_timeout == 120.0


def test_no_section_at_all_still_has_a_default():
    assert compile_breakers({}) == {"default": BreakerOptions()}


def test_an_unchanged_definition_keeps_state_counts_and_permits():
    clock, events = VirtualClock(), []
    breaker = a_breaker(clock, events, failure_threshold=3)
    attempt(breaker, times=2)
    breaker.adopt(dataclasses.replace(breaker.options))
    attempt(breaker)
    assert breaker.state == "OPEN"
    assert len(events) == 1


def test_a_changed_definition_keeps_the_state_and_functions_handed_out_follow():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=1)
    function = breaker(succeed)
    breaker.adopt(dataclasses.replace(breaker.options, recovery_timeout=5.0, failure_threshold=1))
    assert breaker.state == "OPEN"
    clock.advance(5)
    assert function() == "fine"
    attempt(breaker)
    assert breaker.state == "OPEN"


def test_a_call_in_flight_through_a_reload_ends_with_the_old_definition():
    # Polly#1578
    clock, events = VirtualClock(), []
    breaker = a_breaker(clock, events, failure_threshold=3)
    permit = breaker.enter()
    breaker.adopt(dataclasses.replace(breaker.options, failure_threshold=1))
    breaker.fail(permit, 0.0, ConnectionError())
    assert breaker.state == "CLOSED"
    assert events == []
    attempt(breaker)
    assert breaker.state == "OPEN"


def test_statistics_are_plain_json_ready_data():
    clock = VirtualClock(start=1000.0)
    breaker = an_open_breaker(clock, failure_threshold=2, recovery_timeout=30.0)
    attempt(breaker)
    clock.advance(10)
    assert json.loads(json.dumps(breaker.statistics().to_dict())) == {
        "name": "api",
        "state": "OPEN",
        "since": "1970-01-01T00:16:40+00:00",
        "reason": "2 failures in a row",
        "calls": 2,
        "successes": 0,
        "failures": 2,
        "neutral": 0,
        "refused": 1,
        "slow": 0,
        "late": 0,
        "transitions": 1,
        "retry_after": 20.0,
        "counted": 0,
        "counted_failures": 0,
        "counted_slow": 0,
        "would_be": None,
        "would_refuse": 0,
        "failure_rate": None,
        "slow_rate": None,
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HalfOpen(permits=0), "half_open.permits is 0: it must be a whole number, 1 or more"),
        (lambda: HalfOpen(lease=0.0), "half_open.lease is 0.0: it must be a number above 0"),
        (lambda: Window(WindowKind.COUNT, 0), "window.size is 0: it must be a whole number, 1 or more"),
        (lambda: Window(WindowKind.TIME, 0.0), "window.size is 0.0: it must be a number above 0"),
        (lambda: SlowCall(0.0), "slow_call.longer_than is 0.0: it must be a number above 0"),
        (lambda: SlowCall(1.0, 0.0), "slow_call.rate is 0.0: it must be above 0 and at most 1"),
        (lambda: SlowCall(1.0, 1.5), "slow_call.rate is 1.5: it must be above 0 and at most 1"),
        (lambda: OpenBackoff(factor=0.5), "open_backoff.factor is 0.5: it must be a number of 1 or more"),
        (lambda: OpenBackoff(maximum=0.0), "open_backoff.max is 0.0: it must be a number above 0"),
        (lambda: OpenBackoff(jitter=1.5), "open_backoff.jitter is 1.5: it must be from 0 to 1"),
        (lambda: OpenBackoff(jitter=-0.5), "open_backoff.jitter is -0.5: it must be from 0 to 1"),
        (lambda: BreakerOptions(failure_rate=0.0), "failure_rate is 0.0: it must be above 0 and at most 1"),
        (lambda: BreakerOptions(minimum_calls=0), "minimum_calls is 0: it must be a whole number, 1 or more"),
        (
            lambda: BreakerOptions(recovery_timeout=2e10),
            "recovery_timeout is 20000000000.0: it must be a number of seconds, 0 or more",
        ),
        (lambda: BreakerOptions(timeout=True), "timeout is True: it must be a number above 0"),
    ],
)
def test_a_mistake_is_told_by_the_name_that_a_policy_gives_it(make, message):
    with pytest.raises(ValueError) as refusal:
        make()
    assert str(refusal.value) == message


def test_the_most_and_the_least_that_can_work_are_accepted():
    HalfOpen(permits=1, lease=0.001)
    SlowCall(0.001, 1.0)
    OpenBackoff(factor=1.0, maximum=0.001, jitter=1.0)
    OpenBackoff(jitter=0.0)
    BreakerOptions(failure_rate=1.0, minimum_calls=1, recovery_timeout=1e10)


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ({"failure_threshold": 3}, {"failure_threshold": 5}, 3),
        ({"window": Window(WindowKind.COUNT, 10), "minimum_calls": 4}, {"minimum_calls": 5}, 3),
        ({"window": Window(WindowKind.TIME, 60.0), "minimum_calls": 4}, {"minimum_calls": 5}, 3),
    ],
)
def test_a_higher_threshold_keeps_what_was_counted(before, after, more):
    breaker = a_breaker(VirtualClock(), **before)
    attempt(breaker, times=2)
    breaker.adopt(dataclasses.replace(breaker.options, **after))
    attempt(breaker, times=more - 1)
    assert breaker.state == "CLOSED"
    attempt(breaker)
    assert breaker.state == "OPEN"


@pytest.mark.parametrize("window", [Window(WindowKind.COUNT, 10), Window(WindowKind.TIME, 10.0)])
def test_a_good_call_may_complete_a_minimum_that_a_reload_lowered(window):
    breaker = a_breaker(VirtualClock(), window=window, failure_rate=0.5, minimum_calls=9)
    attempt(breaker, times=3)
    breaker.adopt(dataclasses.replace(breaker.options, minimum_calls=4))
    attempt(breaker, succeed)
    assert breaker.state == "OPEN"


@pytest.mark.parametrize(
    "changed", [{"timeout": 1.0}, {"slow_call": SlowCall(longer_than=1.0)}, {"window": Window(WindowKind.COUNT, 9)}]
)
def test_what_is_counted_otherwise_is_counted_anew(changed):
    breaker = a_breaker(VirtualClock(), failure_threshold=3)
    attempt(breaker, times=2)
    breaker.adopt(dataclasses.replace(breaker.options, **changed))
    assert breaker.statistics().counted == 0
