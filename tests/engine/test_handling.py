"""An error's way through the engine: what it becomes, what it counts for, and what never happens."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from makers import a_policy, an_engine, an_error, raised

from policy_engine import (
    CallRefusedError,
    CircuitBreakerConfig,
    CircuitOpenError,
    Engine,
    PolicyError,
    RecoveryStatus,
    SystemClock,
    UnknownNameError,
    VirtualClock,
)
from policy_engine.model import EngineFault, ErrorHandled, Event, LevelChanged, PolicyChanged, SettingOverruled

POLICY = """
[categories.NETWORK]
severity = "MEDIUM"
retryable = true
[categories.DATABASE]
severity = "HIGH"

[[rules]]
name = "peer-hung-up"
match.exception = "ConnectionResetError"
category = "NETWORK"
tags = ["transport"]

[[rules]]
name = "locked"
match.message.contains = ["database is locked"]
category = "DATABASE"
severity = "LOW"
retryable = true
"""


def test_an_error_info_says_what_happened_and_what_it_is() -> None:
    clock = VirtualClock(start=1000.0)
    engine = an_engine(POLICY, clock=clock)
    info = engine.handle(
        raised(ConnectionResetError(104, "Connection reset by peer")),
        module="Client",
        function="connect",
        context={"host": "example.org", "api_key": "s3cret"},
    )
    assert (info.exception_type, info.exception_module, info.type) == (
        "ConnectionResetError",
        "builtins",
        "ConnectionResetError",
    )
    assert (info.category, info.severity, info.retryable, info.tags) == ("NETWORK", "MEDIUM", True, ("transport",))
    assert (info.rule, info.level, info.time) == ("peer-hung-up", "full", 1000.0)
    assert (info.module, info.function, info.context["host"]) == ("Client", "connect", "example.org")
    assert "s3cret" not in info.to_json()
    assert info.attributes["errno"] == 104
    assert [frame.function for frame in info.stack] == ["raised"]
    assert (info.recovery_status, info.recovery_id) == (None, None)


def test_whatever_the_caller_says_is_scrubbed_and_cut() -> None:
    engine = an_engine(POLICY)
    info = engine.handle(ValueError("x"), module="https://ada:hunter2@example.org/", function="f" * 100_000)
    assert "hunter2" not in info.to_json()
    assert len(info.function) <= 1024


def test_ten_megabytes_of_message_are_cut() -> None:
    for text in ("x" * 10_000_000, "ä" * 10_000_000):
        assert len(an_engine(POLICY).handle(ValueError(text)).message) <= 8192


def test_an_error_info_is_frozen_and_survives_json() -> None:
    info = an_engine(POLICY).handle(ValueError("bad"), context={"n": 1})
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.category = "OTHER"  # type: ignore[misc]
    assert json.loads(info.to_json()) == info.to_dict()


def test_the_first_matching_rule_decides_and_the_category_fills_in() -> None:
    engine = an_engine(POLICY)
    locked = engine.handle(RuntimeError("Database is LOCKED"))
    assert (locked.rule, locked.category, locked.severity, locked.retryable) == ("locked", "DATABASE", "LOW", True)
    unknown = engine.handle(RuntimeError("?"))
    assert (unknown.rule, unknown.category, unknown.severity, unknown.retryable) == (None, "UNKNOWN", "MEDIUM", False)


def test_an_exception_that_was_raised_is_counted_once_whoever_sees_it_again() -> None:
    engine = an_engine(POLICY)
    error = raised(ValueError("x"))
    first = engine.handle(error, module="inner")
    assert engine.handle(error, module="outer") is first
    assert engine.statistics()["total_errors"] == 1


def test_another_engine_counts_it_for_itself() -> None:
    error = raised(ValueError("x"))
    one, other = an_engine(POLICY), an_engine(POLICY)
    assert one.handle(error) is not other.handle(error)
    assert other.statistics()["total_errors"] == 1


def test_an_exception_that_was_never_raised_counts_each_time_it_is_handed_over() -> None:
    engine = an_engine(POLICY)
    error = ValueError("x")
    for _ in range(3):
        engine.handle(error)
    assert engine.statistics()["total_errors"] == 3


def test_a_refusal_is_classified_and_is_no_error() -> None:
    engine = an_engine(POLICY)
    seen: list[Event] = []
    engine.subscribe(seen.append)
    engine.handle(raised(CircuitOpenError("api", retry_after=1.0)))
    counts = engine.statistics()
    assert (counts["total_errors"], counts["refusals_reported"]) == (0, 1)
    assert not seen


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit(), asyncio.CancelledError()])
def test_an_explicit_handle_of_an_interrupt_classifies_and_returns(error: BaseException) -> None:
    assert an_engine(POLICY).handle(error).category == "UNKNOWN"


def test_a_fault_inside_error_handling_is_reported_and_never_masks_the_original() -> None:
    engine = an_engine(POLICY)
    seen: list[Event] = []
    engine.subscribe(seen.append)

    class Hostile(dict[str, object]):
        def items(self) -> object:  # type: ignore[override]
            raise RuntimeError("no items")

    engine.handle(ValueError("kept"), context=Hostile(a=1))
    original = engine.policy.classifier
    object.__setattr__(engine.policy, "classifier", None)
    info = engine.handle(raised(ValueError("original")))
    object.__setattr__(engine.policy, "classifier", original)
    assert (info.type, info.category, info.severity) == ("ValueError", "UNKNOWN", "HIGH")
    faults = [event for event in seen if isinstance(event, EngineFault)]
    assert [fault.where for fault in faults] == ["handling an error"]
    assert engine.statistics()["engine_faults"] == 1


def test_a_subscriber_that_raises_stops_neither_the_others_nor_the_caller() -> None:
    engine = an_engine(POLICY)
    seen: list[Event] = []

    def broken(event: Event) -> None:
        raise RuntimeError("subscriber")

    engine.subscribe(broken)
    engine.subscribe(seen.append)
    engine.handle(ValueError("x"))
    assert [type(event) for event in seen] == [EngineFault, ErrorHandled]


def test_a_subscriber_may_unsubscribe() -> None:
    engine = an_engine(POLICY)
    seen: list[Event] = []
    unsubscribe: Callable[[], None] = engine.subscribe(seen.append)
    unsubscribe()
    engine.handle(ValueError("x"))
    assert not seen


BURST = (
    POLICY
    + """
[[severity.adjust]]
name = "database-burst"
match = { category = "DATABASE" }
when = { metric = "errors", category = "DATABASE", window = "1m", at_least = 3 }
raise_to = "CRITICAL"
"""
)


def test_the_third_error_of_a_burst_is_raised_and_a_quiet_minute_ends_it() -> None:
    clock = VirtualClock()
    engine = an_engine(BURST, clock=clock)
    severities = [engine.handle(RuntimeError("database is locked")).severity for _ in range(3)]
    assert severities == ["LOW", "LOW", "CRITICAL"]
    clock.advance(120)
    assert engine.handle(RuntimeError("database is locked")).severity == "LOW"


def test_a_record_without_a_time_neither_feeds_nor_reads_windows() -> None:
    engine = an_engine(BURST)
    for _ in range(5):
        assert engine.process(an_error("RuntimeError", "database is locked")).severity == "LOW"
    engine.process(an_error("RuntimeError", "database is locked", time=0.0))
    assert engine.statistics()["errors_per_minute"] == 1
    assert engine.statistics()["total_errors"] == 6


LEVELS = (
    POLICY
    + """
[[degradation.triggers]]
name = "too-many-errors"
level = "degraded"
when = { metric = "error_rate", window = "1m", above = 30 }
for = "20s"
release = { below = 10, for = "2m" }
"""
)


def test_a_lasting_error_rate_lowers_the_level_and_a_lasting_calm_raises_it() -> None:
    clock = VirtualClock()
    engine = an_engine(LEVELS, clock=clock)
    seen: list[Event] = []
    engine.subscribe(seen.append)
    for _ in range(60):
        engine.handle(ValueError("x"))
        clock.advance(1)
    assert engine.degradation.current_level == "degraded"
    assert engine.handle(ValueError("x")).level == "degraded"
    clock.advance(600)
    assert engine.degradation.current_level == "full"
    changes = [(event.before, event.after) for event in seen if isinstance(event, LevelChanged)]
    assert changes == [("full", "degraded"), ("degraded", "full")]


RECOVERY = (
    POLICY
    + """
[[recovery.strategies]]
name = "database-reconnect"
match = { category = "DATABASE" }
steps = [{ action = "wait", for = "5s" }, { action = "call", function = "reconnect" }]
"""
)


def test_a_recovery_runs_off_the_calling_thread_and_its_id_is_in_the_error_info() -> None:
    clock = VirtualClock()
    engine = an_engine(RECOVERY, clock=clock)
    called: list[str] = []
    engine.register("reconnect", lambda info: called.append(info.id))
    info = engine.handle(RuntimeError("database is locked"))
    assert info.recovery_status is RecoveryStatus.WAITING
    assert info.recovery_id is not None
    assert not called
    clock.advance(5)
    clock.advance(0)
    assert called == [info.id]
    recovery = engine.recovery_manager.recovery(info.recovery_id)
    assert recovery is not None
    assert recovery.status is RecoveryStatus.SUCCEEDED
    assert engine.statistics()["recovery_success_rate"] == 1.0


def test_a_dry_engine_decides_and_runs_nothing() -> None:
    clock = VirtualClock()
    engine = an_engine(RECOVERY, clock=clock, dry=True)
    engine.register("reconnect", lambda info: pytest.fail("an action ran"))
    info = engine.handle(RuntimeError("database is locked"))
    clock.advance(10)
    assert info.recovery_status is RecoveryStatus.WAITING
    assert engine.recovery_manager.history[0].dry


def fail() -> None:
    raise ValueError("down")


BREAKERS = POLICY + "[breakers.api]\nfailure_threshold = 2\n"


def test_the_policys_breaker_wins_over_the_code_and_the_difference_is_reported() -> None:
    engine = an_engine(BREAKERS)
    seen: list[Event] = []
    engine.subscribe(seen.append)
    breaker = engine.breaker("api", CircuitBreakerConfig(failure_threshold=9))
    assert breaker.options.failure_threshold == 2
    assert [type(event) for event in seen] == [SettingOverruled]
    assert engine.breaker("api") is breaker


def test_a_name_that_no_policy_has_uses_the_codes_config_or_the_defaults() -> None:
    engine = an_engine(BREAKERS)
    assert engine.breaker("own", CircuitBreakerConfig(failure_threshold=7)).options.failure_threshold == 7
    assert engine.breaker("other").options.failure_threshold == 5


def test_a_reload_changes_handed_out_breakers_and_keeps_their_state() -> None:
    engine = an_engine(BREAKERS)
    breaker = engine.breaker("api")
    own = engine.breaker("own", CircuitBreakerConfig(failure_threshold=7))
    for _ in range(2):
        with pytest.raises(ValueError, match="down"):
            breaker.call(fail)
    seen: list[Event] = []
    engine.subscribe(seen.append)
    engine.adopt(a_policy(POLICY + "[breakers.api]\nfailure_threshold = 4\n"))
    assert breaker.options.failure_threshold == 4
    assert breaker.state == "OPEN"
    assert own.options.failure_threshold == 7
    assert [event.active for event in seen if isinstance(event, PolicyChanged)] == [True]


def test_a_reload_keeps_the_counts_of_windows_that_stay() -> None:
    engine = an_engine(BURST)
    for _ in range(2):
        engine.handle(RuntimeError("database is locked"))
    engine.adopt(a_policy(BURST))
    assert engine.handle(RuntimeError("database is locked")).severity == "CRITICAL"


def test_a_policy_that_does_not_load_says_all_that_is_wrong(tmp_path: object) -> None:
    with pytest.raises(PolicyError) as caught:
        a_policy('[[rules]]\nname = "r"\nmatch.exception = "E"\ncategory = "NETWROK"\nseverity = "HIHG"\n')
    assert len(caught.value.diagnostics) >= 1


def test_explain_names_the_rule_the_words_and_the_line() -> None:
    engine: Engine = an_engine(POLICY)
    explanation = engine.explain(RuntimeError("the Database is LOCKED again"))
    assert explanation.matched is not None
    assert explanation.matched.name == "locked"
    assert explanation.matched.keys[0].found == "Database is LOCKED"
    assert explanation.matched.origin.endswith(":14")
    assert {decision.what: decision.decided_by for decision in explanation.decisions} == {
        "category": 'rule "locked"',
        "severity": 'rule "locked"',
        "retryable": 'rule "locked"',
    }
    nothing = engine.explain(KeyError("other"))
    assert nothing.matched is None
    assert nothing.skipped == 2


CALLS = (
    POLICY
    + """
[breakers.api]
failure_threshold = 2
counts = { category = "NETWORK" }
[calls.api]
breaker = "api"
retry = { attempts = 3, backoff = { kind = "constant", initial = "1s" } }
fallback = { value = "cached" }
[calls.bare]
breaker = "api"
"""
)


def test_attempts_that_a_retry_or_a_fallback_absorbs_are_no_errors() -> None:
    engine = an_engine(CALLS)
    calls: list[int] = []

    @engine.protect("api")
    def flaky() -> str:
        calls.append(1)
        raise ConnectionResetError("reset")

    assert flaky() == "cached"
    assert len(calls) == 3
    assert engine.statistics()["total_errors"] == 0


def test_what_leaves_the_outermost_protection_is_handled_once_with_its_functions_name() -> None:
    engine = an_engine(CALLS)

    @engine.protect("bare")
    def inner() -> None:
        raise ConnectionResetError("reset")

    @engine.critical_function
    def outer() -> None:
        inner()

    with pytest.raises(ConnectionResetError) as caught:
        outer()
    info = engine.handle(caught.value)
    assert engine.statistics()["total_errors"] == 1
    assert info.function.endswith("outer")


def test_only_what_counts_opens_a_breaker_and_a_refusal_is_no_error() -> None:
    engine = an_engine(CALLS)

    @engine.protect("bare")
    def call(error: Exception) -> None:
        raise error

    for _ in range(5):
        with pytest.raises(KeyError):
            call(KeyError("ours"))
    assert engine.breaker("api").state == "CLOSED"
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            call(ConnectionResetError("theirs"))
    with pytest.raises(CircuitOpenError) as refused:
        call(ConnectionResetError("theirs"))
    assert refused.value.retry_after == pytest.approx(60.0)
    assert engine.statistics()["total_errors"] == 7


def test_a_target_that_no_policy_names_is_refused_not_left_unprotected() -> None:
    with pytest.raises(UnknownNameError, match=r'no policy defines \[calls.nothing\].*"api"'):
        an_engine(CALLS).protect("nothing")


def test_a_protected_function_follows_a_reload() -> None:
    engine = an_engine(CALLS)

    @engine.protect("api")
    def flaky() -> str:
        raise ConnectionResetError("reset")

    engine.adopt(a_policy(CALLS.replace('"cached"', '"stale"')))
    assert flaky() == "stale"


def test_a_policy_without_a_call_that_code_protects_is_refused() -> None:
    engine = an_engine(CALLS)
    api = engine.protect("api")
    with pytest.raises(PolicyError) as refused:
        engine.adopt(a_policy(POLICY))
    assert [diagnostic.code for diagnostic in refused.value.diagnostics] == ["PE209"]
    assert not engine.policy_status.current
    assert api.call(lambda: "still protected") == "still protected"


class Unruly(Exception):  # noqa: N818  named after what it does
    """Answers whatever it is asked with an error."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("unruly")


@pytest.mark.parametrize("make", [lambda: None, lambda: "text", lambda: 5, lambda: ValueError, Unruly])
def test_whatever_is_handed_over_handling_does_not_raise(make: Callable[[], Any]) -> None:
    engine = an_engine(POLICY)
    assert engine.handle(make()).category == "UNKNOWN"
    assert engine.statistics()["engine_faults"] == 1


def test_a_fault_is_logged_and_a_storm_of_the_same_is_not(caplog: pytest.LogCaptureFixture) -> None:
    engine = an_engine(POLICY)

    def broken(event: Event) -> None:
        raise RuntimeError("broken callback")

    engine.subscribe(broken)
    for _ in range(100):
        engine.handle(ValueError("x"))
    assert len(caplog.records) == 7
    assert "broken callback" in caplog.text


def test_what_a_subscriber_does_to_an_error_nobody_else_sees() -> None:
    info = an_engine(POLICY).handle(ValueError("x"), context={"a": {"b": [1]}})
    for change in (lambda: info.context.update(a=1), lambda: info.context["a"].clear()):  # type: ignore[attr-defined]
        with pytest.raises(TypeError, match="nobody changes"):
            change()
    assert json.loads(json.dumps(info.context)) == {"a": {"b": [1]}}
    assert pickle.loads(pickle.dumps(info)) == info
    assert {info: 1}[info] == 1


@pytest.mark.parametrize("named", [ValueError, None, 5, len, "a\udc80"])
def test_a_module_or_function_of_another_type_is_taken_by_its_name(named: Any) -> None:
    error = raised(ConnectionResetError("x"))
    info = an_engine(POLICY).handle(error, module=named, function=named, context={"a": "\udc80"})
    assert info.rule == "peer-hung-up"
    info.to_json().encode()


def test_the_reason_of_a_level_is_scrubbed() -> None:
    engine = an_engine(POLICY)
    engine.degradation.set_level("emergency", "password=hunter2")
    assert "hunter2" not in json.dumps(engine.statistics())
    assert "hunter2" not in repr(engine.degradation.pin_of())


@pytest.mark.parametrize("callback", [5, None])
def test_what_cannot_be_a_callback_is_refused(callback: Any) -> None:
    with pytest.raises(TypeError, match="must be a function"):
        an_engine(POLICY).subscribe(callback)


def test_an_asynchronous_callback_is_refused_because_nobody_would_await_it() -> None:
    async def callback(event: Event) -> None: ...

    with pytest.raises(TypeError, match="asynchronous"):
        an_engine(POLICY).subscribe(callback)


def test_an_engine_takes_a_policy_and_says_how_to_get_one() -> None:
    with pytest.raises(TypeError, match="from_path"):
        Engine("shop.toml")  # type: ignore[arg-type]


def test_the_alert_about_the_last_error_of_a_program_goes_out() -> None:
    program = "from policy_engine import handle_error; handle_error(MemoryError('boom')); raise SystemExit(1)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "CRITICAL RESOURCE: MemoryError: boom" in done.stderr


def test_whoever_waits_for_the_recovery_gets_its_end() -> None:
    engine = an_engine(RECOVERY.replace('{ action = "wait", for = "5s" }, ', ""), clock=SystemClock())
    engine.register("reconnect", lambda info: True)
    info = engine.handle(RuntimeError("database is locked"), wait=True)
    assert info.recovery_status is RecoveryStatus.SUCCEEDED
    assert info.recovery_id is not None
    recovery = engine.recovery(info.recovery_id)
    assert recovery is not None
    assert recovery.strategy == "database-reconnect"


def test_a_task_awaits_the_recovery_without_blocking_its_loop() -> None:
    engine = an_engine(RECOVERY.replace('{ action = "wait", for = "5s" }, ', ""), clock=SystemClock())
    engine.register("reconnect", lambda info: False)

    async def program() -> RecoveryStatus | None:
        return (await engine.ahandle(RuntimeError("database is locked"))).recovery_status

    assert asyncio.run(program()) is RecoveryStatus.FAILED


KEYED = (
    POLICY
    + """
[breakers.api]
failure_threshold = 1
key = "host"
[calls.api]
breaker = "api"
rate_limit = { calls = 2, per = "1h" }
[[degradation.triggers]]
name = "api-down"
level = "degraded"
when = { metric = "open_breakers", breakers = ["api"], at_least = 1 }
"""
)


def test_a_host_that_fails_closes_only_its_own_way_and_moves_the_level() -> None:
    engine = an_engine(KEYED.replace("rate_limit = { calls = 2", "rate_limit = { calls = 20"))
    api = engine.protect("api")
    with pytest.raises(ValueError, match="down"):
        api.given(host="a").call(fail)
    with pytest.raises(CircuitOpenError):
        api.given(host="a").call(fail)
    assert api.given(host="b").call(lambda: "ran") == "ran"
    states = {name: counts["state"] for name, counts in engine.statistics()["breakers"].items()}
    assert states == {"api[a]": "OPEN", "api[b]": "CLOSED"}
    assert engine.level() == "degraded"


def test_what_a_breaker_did_is_told_before_the_level_that_it_moved() -> None:
    engine = an_engine(KEYED)
    told: list[str] = []
    engine.subscribe(lambda event: told.append(type(event).__name__))
    with pytest.raises(ValueError, match="down"):
        engine.protect("api").given(host="a").call(fail)
    assert [name for name in told if name in ("BreakerChanged", "LevelChanged")] == ["BreakerChanged", "LevelChanged"]


def test_the_tokens_of_a_rate_limit_outlive_a_reload_that_does_not_change_it() -> None:
    engine = an_engine(KEYED)
    api = engine.protect("api")
    assert [api.call(lambda: 1) for _ in range(2)] == [1, 1]
    engine.adopt(a_policy(KEYED.replace("failure_threshold = 1", "failure_threshold = 2")))
    with pytest.raises(CallRefusedError):
        api.call(lambda: 1)
