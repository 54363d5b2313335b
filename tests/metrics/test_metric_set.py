import threading

import pytest

from policy_engine.metrics import MetricSet, compile_condition, metric, open_breakers
from policy_engine.model import BreakerState, Occurrence, Severity


def an_error(category="API", severity=Severity.MEDIUM, time=1.0, **fields):
    return Occurrence("ValueError", ("ValueError",), "boom", time, category=category, severity=severity, **fields)


def a_set(*metrics):
    faults = []
    made = MetricSet(metrics, on_fault=lambda where, error: faults.append((where, error)))
    return made, faults


def test_errors_and_their_rate_come_from_one_window():
    errors, rate = metric("errors", 30.0), metric("error_rate", 30.0)
    measured, _ = a_set(errors, rate)
    for second in range(6):
        measured.error_handled(an_error(), float(second))
    assert measured.read(errors, 6.0) == 6
    assert measured.read(rate, 6.0) == 12.0
    assert measured.read_all([errors, rate], 40.0) == {errors: 0, rate: 0.0}


def test_filters_choose_the_errors_that_count():
    database = metric("errors", 60.0, {"category": "DATABASE"})
    high = metric("errors", 60.0, {"category": ["DATABASE", "API"], "severity": {"from": "HIGH"}})
    tagged = metric("errors", 60.0, {"tags": "contention"})
    measured, _ = a_set(database, high, tagged)
    assert measured.error_handled(an_error("DATABASE"), 0.0) == (database,)
    touched = measured.error_handled(an_error("API", Severity.CRITICAL, tags=("contention", "slow")), 0.0)
    assert set(touched) == {high, tagged}
    assert not measured.error_handled(an_error("OTHER"), 0.0)
    assert [measured.read(each, 1.0) for each in (database, high, tagged)] == [1, 1, 1]


def test_refusals_and_errors_without_a_time_feed_nothing():
    errors = metric("errors", 60.0)
    measured, _ = a_set(errors)
    assert not measured.error_handled(an_error(time=None), 0.0)
    assert not measured.error_handled(an_error(refusal=True), 0.0)
    assert measured.read(errors, 0.0) == 0


def test_a_ratio_without_calls_has_no_value():
    ratio = metric("error_ratio", 60.0)
    measured, _ = a_set(ratio)
    measured.error_handled(an_error(), 0.0)
    assert measured.read(ratio, 0.0) is None


def test_a_ratio_of_named_calls_counts_their_failures_alone():
    ours, all_calls = metric("error_ratio", 60.0, {"call": "api"}), metric("error_ratio", 60.0)
    measured, _ = a_set(ours, all_calls)
    measured.error_handled(an_error(), 0.0)
    for failed in (True, False, False, False):
        measured.call_finished("api", 0.1, failed=failed, slow=False, now=0.0)
    for _ in range(4):
        measured.call_finished("other", 0.1, failed=True, slow=False, now=0.0)
    assert measured.read(ours, 0.0) == 0.25
    assert measured.read(all_calls, 0.0) == 0.125


def test_a_ratio_never_exceeds_one():
    ratio = metric("error_ratio", 60.0)
    measured, _ = a_set(ratio)
    measured.call_finished("api", 0.1, failed=True, slow=False, now=0.0)
    for _ in range(3):
        measured.error_handled(an_error(), 0.0)
    assert measured.read(ratio, 0.0) == 1.0


def test_slow_calls_follow_the_protection_or_a_limit_of_their_own():
    slow = metric("slow_calls", 60.0, {"breaker": "api"})
    slower = metric("slow_calls", 60.0, {"longer_than": "2s"})
    measured, _ = a_set(slow, slower)
    measured.call_finished("fetch", 1.0, failed=False, slow=True, now=0.0, breaker="api")
    measured.call_finished("fetch", 3.0, failed=False, slow=False, now=0.0, breaker="other")
    assert measured.read(slow, 0.0) == 1
    assert measured.read(slower, 0.0) == 1


def test_failed_recoveries_count_by_strategy():
    one, every = metric("recovery_failures", 60.0, {"strategy": "reconnect"}), metric("recovery_failures", 60.0)
    measured, _ = a_set(one, every)
    measured.recovery_failed("reconnect", 0.0)
    measured.recovery_failed("restart", 0.0)
    assert (measured.read(one, 0.0), measured.read(every, 0.0)) == (1, 2)


def test_open_breakers_are_counted_by_name_and_as_a_share():
    states = {"a": BreakerState.OPEN, "b": BreakerState.CLOSED, "c": BreakerState.OPEN, "d": BreakerState.HALF_OPEN}
    count = metric("open_breakers")
    named = metric("open_breakers", None, {"breakers": ["a", "b", "never-called"]})
    share = metric("open_breakers", None, {"share": True})
    named_share = metric("open_breakers", None, {"breakers": ["a", "b", "never-called", "x"], "share": True})
    measured, _ = a_set(count, named, share, named_share)
    measured.supply("open_breakers", open_breakers(lambda: states))
    assert [measured.read(each, 0.0) for each in (count, named, share, named_share)] == [2, 1, 0.5, 0.25]
    states.clear()
    assert measured.read(share, 0.0) is None


def test_a_metric_that_nobody_supplies_has_no_value():
    measured, faults = a_set(metric("event_loop_lag"))
    assert measured.read(metric("event_loop_lag"), 0.0) is None
    assert not faults


def test_a_gauge_that_raises_is_reported_and_has_no_value():
    lag = metric("event_loop_lag")
    measured, faults = a_set(lag)
    measured.supply("event_loop_lag", lambda wanted: 1 / 0)
    assert measured.read(lag, 0.0) is None
    assert measured.read_all([lag], 0.0) == {lag: None}
    assert [where for where, _ in faults] == ['the metric "event_loop_lag"'] * 2


def test_a_reload_keeps_the_counts_of_metrics_that_stayed():
    kept, gone, new = metric("errors", 60.0), metric("errors", 10.0), metric("errors", 60.0, {"category": "API"})
    before, _ = a_set(kept, gone)
    before.supply("load", lambda wanted: 0.5)
    before.error_handled(an_error(), 0.0)
    after, _ = a_set(kept, new, metric("load"))
    after.carry_over(before)
    after.error_handled(an_error(), 1.0)
    assert (after.read(kept, 1.0), after.read(new, 1.0), after.read(metric("load"), 1.0)) == (2, 1, 0.5)


def test_a_rate_keeps_its_counts_when_a_reload_asks_for_the_number_instead():
    before, _ = a_set(metric("error_rate", 60.0))
    before.error_handled(an_error(), 0.0)
    after, _ = a_set(metric("errors", 60.0))
    after.carry_over(before)
    assert after.read(metric("errors", 60.0), 0.0) == 1


def test_errors_from_many_threads_are_all_counted():
    condition = compile_condition({"metric": "errors", "window": "1h", "at_least": 4000})
    measured, _ = a_set(*condition.metrics)

    def fail():
        for _ in range(1000):
            measured.error_handled(an_error(), 0.0)

    threads = [threading.Thread(target=fail) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert condition.holds(lambda wanted: measured.read(wanted, 0.0))
    assert condition.values(lambda wanted: measured.read(wanted, 0.0)) == {"errors": pytest.approx(4000)}
