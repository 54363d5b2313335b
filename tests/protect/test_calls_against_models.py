"""Limiter, bulkhead and retry budget do what plain models of their documentation do."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from policy_engine.protect import BudgetOptions, BulkheadOptions, LimiterOptions
from policy_engine.protect.bulkhead.machine import Places
from policy_engine.protect.limiter.machine import TokenBucket
from policy_engine.protect.retry import Budget


@given(
    calls=st.sampled_from([1, 2, 4, 8]),
    burst=st.integers(1, 5),
    steps=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 8)), max_size=60),
)
def test_a_limiter_is_a_bucket_that_fills_at_its_rate(calls, burst, steps):
    # Times are eighths of a second, so that the bucket's floats and the model's fractions are the same numbers.
    bucket = TokenBucket(LimiterOptions(calls=calls, per=1.0, burst=burst))
    tokens, now = Fraction(burst), Fraction(0)
    for passed, patience in steps:
        now += Fraction(passed, 8)
        tokens = min(Fraction(burst), tokens + Fraction(passed, 8) * calls)
        wait = max(Fraction(0), (1 - tokens) / calls)
        turn = bucket.take(float(now), patience / 8)
        assert turn.granted == (wait <= Fraction(patience, 8))
        assert turn.wait == float(wait if turn.granted else wait - Fraction(patience, 8))
        tokens -= turn.granted


def test_a_clock_that_steps_backwards_gives_no_turn_away():
    bucket = TokenBucket(LimiterOptions(calls=1, per=1.0, burst=2))
    assert [bucket.take(100.0, 0.0).granted for _ in range(3)] == [True, True, False]
    assert not bucket.take(0.0, 0.0).granted
    assert bucket.take(101.0, 0.0).granted


@given(
    tokens=st.integers(1, 5),
    per_success=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    calls=st.lists(st.booleans(), max_size=80),
)
def test_a_budget_grants_a_retry_for_every_whole_token(tokens, per_success, calls):
    budget = Budget(BudgetOptions(tokens, per_success))
    left = Fraction(tokens)
    for succeeds in calls:
        if succeeds:
            budget.succeeded()
            left = min(Fraction(tokens), left + Fraction(str(per_success)))
        else:
            granted = left >= 1
            assert budget.take() == granted
            left -= granted
        assert budget.tokens == float(left)


class Bulkheads(RuleBasedStateMachine):
    """The places and a model made of two lists."""

    @initialize(concurrent=st.integers(1, 3), queued=st.integers(0, 3))
    def make(self, concurrent, queued):
        self.concurrent, self.queued = concurrent, queued
        self.places = Places(BulkheadOptions(concurrent, queued))
        self.running, self.waiting, self.woken, self.seats = [], [], [], {}
        self.number = 0

    @rule(patient=st.booleans())
    def enter(self, patient):
        self.number += 1
        number = self.number
        seat = self.places.enter((lambda: self.woken.append(number)) if patient else None)
        if len(self.running) < self.concurrent:
            self.running.append(number)
        elif patient and len(self.waiting) < self.queued:
            self.waiting.append(number)
        else:
            assert seat is None
            return
        self.seats[number] = seat

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 100))
    def leave(self, which):
        number = sorted(self.seats)[which % len(self.seats)]
        wake = self.places.leave(self.seats.pop(number))
        if number in self.waiting:
            self.waiting.remove(number)
            assert wake is None
            return
        self.running.remove(number)
        if self.waiting:
            following = self.waiting.pop(0)
            self.running.append(following)
            wake()
            assert self.woken[-1] == following
        else:
            assert wake is None

    @invariant()
    def they_agree(self):
        if hasattr(self, "places"):
            assert (self.places.running, self.places.waiting) == (len(self.running), len(self.waiting))
            assert {number for number, seat in self.seats.items() if seat.running} == set(self.running)


class TestBulkheads(Bulkheads.TestCase):
    settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
