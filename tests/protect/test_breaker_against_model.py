"""Whatever calls, time and operators do, the breaker does what its documentation says."""

import contextlib
import dataclasses

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from protect.breaker_model import BreakerModel, Flight

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import BreakerOptions, CircuitBreaker, HalfOpen, OpenBackoff, SlowCall, Window, WindowKind

WINDOWS = st.one_of(
    st.none(),
    st.builds(Window, st.just(WindowKind.COUNT), st.integers(1, 6)),
    st.builds(Window, st.just(WindowKind.TIME), st.sampled_from([1.0, 10.0, 60.0])),
)
RATES = st.sampled_from([0.01, 0.25, 0.5, 0.75, 1.0])
OPTIONS = st.builds(
    BreakerOptions,
    failure_threshold=st.integers(1, 4),
    recovery_timeout=st.sampled_from([0.0, 0.5, 5.0, 60.0]),
    success_threshold=st.integers(1, 3),
    timeout=st.sampled_from([0.5, 5.0, 30.0]),
    window=WINDOWS,
    failure_rate=RATES,
    minimum_calls=st.integers(1, 6),
    slow_call=st.one_of(st.none(), st.builds(SlowCall, st.sampled_from([0.5, 3.0, 40.0]), RATES)),
    half_open=st.builds(HalfOpen, st.integers(1, 3), st.sampled_from([0.5, 5.0, 100.0])),
    open_backoff=st.one_of(
        st.none(), st.builds(OpenBackoff, st.sampled_from([1.0, 2.0]), st.sampled_from([1.0, 90.0]))
    ),
)
TIMES = st.sampled_from([0.0, 0.25, 0.5, 1.0, 3.0, 5.0, 30.0, 57.0, 60.0, 1000.0])


def raise_(error):
    raise error


async def later(how):
    how()


class Breakers(RuleBasedStateMachine):
    """The breaker and its model side by side."""

    @initialize(options=OPTIONS)
    def make(self, options):
        self.clock = VirtualClock()
        self.events = []
        self.breaker = CircuitBreaker("api", options, clock=self.clock, publish=self.events.append)
        self.breaker._judge._counts = lambda error: not isinstance(error, KeyError)
        self.model = BreakerModel(options)
        self.flights = []

    @rule()
    def begin_a_call(self):
        expected = self.model.begin(self.clock.monotonic())
        if isinstance(expected, Flight):
            self.flights.append((self.breaker.enter(), expected))
            return
        with pytest.raises(CircuitOpenError) as refusal:
            self.breaker.enter()
        assert refusal.value.retry_after == expected

    @precondition(lambda self: self.flights)
    @rule(which=st.integers(0, 100), how=st.sampled_from(["good", "bad", "neutral"]))
    def end_a_call(self, which, how):
        permit, flight = self.flights.pop(which % len(self.flights))
        self.model.end(flight, how, self.clock.monotonic())
        if how == "good":
            self.breaker.succeed(permit, flight.started)
        else:
            self.breaker.fail(permit, flight.started, OSError() if how == "bad" else KeyError())

    @rule(how=st.sampled_from(["good", "bad", "neutral"]), taking=TIMES, times=st.integers(1, 8), wait=st.booleans())
    def call_in_one_go(self, how, taking, times, wait):
        for _ in range(times):
            expected = self.model.begin(self.clock.monotonic())

            def work(how=how):
                self.clock.advance(taking)
                if how != "good":
                    raise_(OSError() if how == "bad" else KeyError())

            with contextlib.suppress(OSError, KeyError, CircuitOpenError):
                if wait:
                    drive(self.breaker(later)(work))
                else:
                    self.breaker(work)()
            if isinstance(expected, Flight):
                self.model.end(expected, how, self.clock.monotonic())

    @rule(seconds=TIMES)
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @rule(wall=st.sampled_from([0.0, 1e9]))
    def the_wall_clock_steps(self, wall):
        self.clock.set_time(wall)

    @rule()
    def reset(self):
        self.breaker.reset()
        self.model.reset()

    @rule(seconds=TIMES, state=st.sampled_from(["FORCED_OPEN", "DISABLED", "METRICS_ONLY"]))
    def order(self, seconds, state):
        orders = {
            "FORCED_OPEN": self.breaker.force_open,
            "DISABLED": self.breaker.disable,
            "METRICS_ONLY": self.breaker.metrics_only,
        }
        orders[state](seconds, "by hand")
        self.model.order(state, self.clock.monotonic() + seconds)

    @rule(threshold=st.integers(1, 4), change=st.booleans())
    def reload(self, threshold, change):
        options = dataclasses.replace(
            self.breaker.options, failure_threshold=threshold if change else self.breaker.options.failure_threshold
        )
        if self.model.state == "OPEN" and options != self.model.options:
            return  # the rest of an open time is computed anew, from a moment that the model does not keep
        self.breaker.adopt(options)
        self.model.adopt(options)

    @invariant()
    def they_agree(self):
        assert self.breaker.state == self.model.shown(self.clock.monotonic())
        assert [(event.before, event.after) for event in self.events] == self.model.transitions

    @rule()
    def look(self):
        # A rule, because to read the numbers settles them: they must agree however rarely anybody looks.
        now = self.clock.monotonic()
        found = self.breaker.statistics()
        assert {name: getattr(found, name) for name in self.model.totals} == self.model.totals
        assert found.transitions == len(self.model.transitions)
        if self.model.state in ("CLOSED", "METRICS_ONLY"):
            assert (found.counted, found.counted_failures, found.counted_slow) == self.model.counted(now)

    def teardown(self):
        if hasattr(self, "model"):
            self.look()


def drive(coroutine):
    """Run a coroutine that never waits; a loop for each of thousands of calls would take minutes."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")


class TestBreakers(Breakers.TestCase):
    settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
