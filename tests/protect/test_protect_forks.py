"""A forked child goes on by itself: with locks that nobody holds, and listeners that are told."""

from forked import NEEDS_FORK, in_child
from protect.call_makers import EVERY_SECOND, Flaky, a_protection

from policy_engine.clock import VirtualClock
from policy_engine.protect import BudgetOptions, CircuitBreaker, CircuitBreakerConfig, KeyedBreakers, RetryOptions
from policy_engine.protect.breaker.open_time import ProcessRandom

pytestmark = NEEDS_FORK


def test_a_child_forked_by_a_listener_tells_its_own_listeners():
    seen, held = [], []

    def listener(event):
        seen.append(event.after)
        if event.after == "FORCED_OPEN":
            held.append(in_child(reset_and_see))

    def reset_and_see():
        breaker.reset()
        return seen == ["FORCED_OPEN", "CLOSED"]

    breaker = CircuitBreaker("api", CircuitBreakerConfig(), clock=VirtualClock(), publish=listener)
    breaker.force_open()
    assert held == [True]


def test_a_child_makes_breakers_for_new_keys_though_another_thread_was_making_one():
    breakers = KeyedBreakers("api", clock=VirtualClock())
    with breakers._lock:
        assert in_child(lambda: breakers.get("new").name == "api[new]")


def test_a_child_retries_though_another_thread_was_taking_a_token():
    clock = VirtualClock()
    retry = RetryOptions(attempts=2, backoff=EVERY_SECOND, budget=BudgetOptions(tokens=1, per_success=0.5))
    protection = a_protection(clock, retry=retry)
    budget = protection._resolve().memory.budget
    with budget._lock:
        assert in_child(lambda: protection.call(Flaky(1)) == "fine" and budget.tokens == 0.5)


def test_a_child_spreads_its_open_times_otherwise_than_its_parent():
    random = ProcessRandom()
    state = random.getstate()
    assert in_child(lambda: random.getstate() != state)
    assert random.getstate() == state
