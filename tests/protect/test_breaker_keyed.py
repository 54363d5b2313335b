"""One breaker for each value of a key, bounded."""

import asyncio
import dataclasses
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from protect.breaker_makers import attempt, fail, succeed
from protect.call_makers import a_protection

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import BreakerOptions, KeyedBreakers


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
    assert set(breakers.snapshot()) == {"a", "b", "", "c"}


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
