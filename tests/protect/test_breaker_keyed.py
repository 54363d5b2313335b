"""One breaker for each value of a key, bounded."""

import asyncio
import dataclasses
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest
from protect.breaker_makers import attempt, fail, succeed
from protect.call_makers import a_protection

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import BreakerOptions, KeyedBreakers, OpenBackoff
from policy_engine.protect.breaker.results import compile_failed_result


def keyed(clock=None, events=None, bound=100, **options):
    return KeyedBreakers(
        "api",
        BreakerOptions(**({"failure_threshold": 1, "key": "host"} | options)),
        bound=bound,
        clock=clock or VirtualClock(),
        publish=None if events is None else events.append,
    )


def test_a_host_that_fails_does_not_close_the_way_to_another():
    events = []
    breakers = keyed(events=events)
    attempt(breakers.get("a.example"), fail)
    assert breakers.get("a.example").state == "OPEN"
    assert breakers.get("b.example").state == "CLOSED"
    assert [event.breaker for event in events] == ["api[a.example]"]


def test_a_value_has_one_breaker_and_calls_without_a_value_share_one():
    breakers = keyed()
    assert breakers.get("a") is breakers.get("a")
    assert breakers.get(None) is breakers.get(None)
    assert breakers.get(None).name == "api"
    assert breakers.get(7) is breakers.get("7")
    assert breakers.get("") is breakers.get(None)


def test_past_the_bound_the_one_asked_for_longest_ago_is_forgotten_and_counted():
    breakers = keyed(bound=2)
    first = breakers.get("a")
    breakers.get("b")
    breakers.get("a")
    breakers.get("c")
    assert list(breakers.snapshot()) == ["a", "c"]
    assert (len(breakers), breakers.forgotten) == (2, 1)
    assert breakers.get("a") is first


def test_a_bound_of_one_works():
    breakers = keyed(bound=1)
    breakers.get("a")
    breakers.get("b")
    assert (list(breakers.snapshot()), breakers.forgotten) == (["b"], 1)


def test_all_follow_a_reload_and_a_smaller_bound():
    breakers = keyed(bound=3, recovery_timeout=60.0)
    for host in "abc":
        attempt(breakers.get(host), fail)
    breakers.adopt(dataclasses.replace(breakers.options, recovery_timeout=0.0), bound=2)
    assert [breaker.state for breaker in breakers.snapshot().values()] == ["HALF_OPEN", "HALF_OPEN"]
    assert breakers.get("new").options.recovery_timeout == 0.0


def test_threads_that_ask_for_more_values_than_the_bound_get_each_their_own():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    breakers = keyed(bound=3)

    def work(number):
        for call in range(500):
            value = (number + call) % 7
            assert breakers.get(value).name == f"api[{value}]"

    try:
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work, number) for number in range(8)]:
                done.result()
    finally:
        sys.setswitchinterval(before)
    assert len(breakers) == 3


def test_the_one_that_calls_without_a_value_share_is_never_forgotten_and_follows_a_reload():
    breakers = keyed(bound=1)
    shared = breakers.get(None)
    for host in "ab":
        breakers.get(host)
    assert (breakers.get(None), breakers.forgotten) == (shared, 1)
    breakers.adopt(dataclasses.replace(breakers.options, recovery_timeout=5.0))
    assert shared.options.recovery_timeout == 5.0


def test_a_protection_takes_the_value_from_its_context():
    breakers = keyed()
    protection = a_protection(breaker=breakers)
    with pytest.raises(ConnectionResetError):
        protection.given(host="a").call(fail)
    with pytest.raises(CircuitOpenError):
        protection.given(host="a").call(succeed)
    assert protection.given(host="b").call(succeed) == "fine"
    assert protection.call(succeed) == "fine"
    with protection.given(host="c").block():
        pass
    assert set(breakers.snapshot()) == {"a", "b", "c"}
    assert breakers.shared.statistics().successes == 1


def test_a_protection_takes_the_value_from_the_arguments_of_functions_of_every_kind():
    breakers = keyed()
    by_host = a_protection(breaker=breakers).keyed_by(lambda host, *rest: host)

    @by_host
    def plain(host):
        return host

    @by_host
    async def later(host):
        return host

    @by_host
    def steps(host):
        yield host

    plain("a")
    asyncio.run(later("b"))
    list(steps("c"))
    assert set(breakers.snapshot()) == {"a", "b", "c"}


def test_every_breaker_has_what_code_gave_for_all():
    clock, faults, drawn = VirtualClock(), [], []

    class Drawn(Random):
        def uniform(self, a, b):
            drawn.append((a, b))
            return b

    def counts(error):
        return isinstance(error, ConnectionResetError)

    def counts_result(result):
        raise RuntimeError("a bad predicate")

    breakers = KeyedBreakers(
        "api",
        BreakerOptions(failure_threshold=1, recovery_timeout=30.0, open_backoff=OpenBackoff(jitter=0.5), key="host"),
        clock=clock,
        random=Drawn(),
        counts=counts,
        counts_result=counts_result,
        fault=lambda where, error: faults.append(where),
    )
    breaker = breakers.get("a")
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)
    assert (breaker.call(succeed), breaker.state) == ("fine", "CLOSED")
    assert faults == ['which results count for breaker "api[a]"']
    attempt(breaker, fail)
    assert drawn == [(15.0, 30.0)]
    clock.advance(29.0)
    assert breaker.state == "OPEN"
    clock.advance(1.0)
    assert breaker.state == "HALF_OPEN"


def test_every_breaker_finds_the_function_that_says_which_results_are_failures():
    options = BreakerOptions(failure_threshold=1, failed_result=compile_failed_result({"function": "is_empty"}))
    functions = {"is_empty": lambda result: not result}
    breakers = KeyedBreakers("api", options, clock=VirtualClock(), registered=functions.__getitem__)
    assert breakers.get("a").call(lambda: [1]) == [1]
    assert breakers.get("a").state == "CLOSED"
    assert breakers.get("a").call(list) == []
    assert breakers.get("a").state == "OPEN"


def test_each_one_that_is_forgotten_is_counted():
    breakers = keyed(bound=2)
    for host in "abcde":
        breakers.get(host)
    assert (list(breakers.snapshot()), breakers.forgotten) == (["d", "e"], 3)


def test_by_default_ten_thousand_are_kept():
    breakers = KeyedBreakers("api", clock=VirtualClock())
    for value in range(10_001):
        breakers.get(value)
    assert (len(breakers), breakers.forgotten) == (10_000, 1)


def test_a_protection_for_one_context_or_key_has_the_same_name_and_reports_as_before():
    reports = []
    protection = a_protection(reports=reports, breaker=keyed())
    by_host, given = protection.keyed_by(lambda: "a"), protection.given(host="b")
    assert (by_host.name, given.name) == ("api", "api")
    for narrowed in (by_host, given):
        with pytest.raises(ConnectionResetError):
            narrowed.call(fail)
    assert len(reports) == 2


def test_a_function_that_finds_the_value_and_raises_is_told_and_the_call_is_one_without_a_value():
    breakers, faults = keyed(), []
    protection = a_protection(breaker=breakers, faults=faults).keyed_by(lambda host, **_: host.lower())
    assert protection.call(lambda host: "fine", "A.example") == "fine"
    assert protection.call(lambda host: "fine", 7) == "fine"
    assert (set(breakers.snapshot()), breakers.shared.statistics().successes) == ({"a.example"}, 1)
    assert [(where, type(error)) for where, error in faults] == [('what the key of call "api" is', AttributeError)]


def test_a_protection_narrowed_before_still_tells_of_a_function_that_finds_no_value():
    faults = []
    protection = a_protection(breaker=keyed(), faults=faults).given(host="a").keyed_by(lambda host: host.lower())
    assert protection.call(lambda host: "fine", 7) == "fine"
    assert [where for where, _ in faults] == ['what the key of call "api" is']


def test_a_coroutine_takes_the_value_from_its_context_too():
    breakers = keyed()

    async def later():
        return "fine"

    assert asyncio.run(a_protection(breaker=breakers).given(host="a")(later)()) == "fine"
    assert set(breakers.snapshot()) == {"a"}


def test_threads_that_ask_for_the_same_new_value_at_once_get_the_same_breaker():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    breakers = keyed(bound=10_000)
    try:
        with ThreadPoolExecutor(8) as pool:
            for value in range(300):
                together = Barrier(8)

                def ask(value=value, together=together):
                    together.wait()
                    return breakers.get(value)

                assert len({id(asked.result()) for asked in [pool.submit(ask) for _ in range(8)]}) == 1
    finally:
        sys.setswitchinterval(before)
