"""Half open: permits are leases, and an era's results belong to it alone."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protect.breaker_makers import a_breaker, an_open_breaker, attempt, fail, succeed

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import HalfOpen, SlowCall


def a_half_open_breaker(clock, events=None, *, permits=1, lease=10.0, **options):
    breaker = an_open_breaker(clock, events, half_open=HalfOpen(permits, lease), **options)
    clock.advance(breaker.options.recovery_timeout)
    return breaker


@given(
    permits=st.integers(1, 4),
    threshold=st.integers(1, 6),
    lease=st.floats(0.001, 100),
    slow=st.floats(0.5, 100),
    waits=st.lists(st.floats(0, 60), min_size=6, max_size=6),
    lost=st.lists(st.booleans(), min_size=6, max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_no_setting_keeps_a_breaker_half_open_through_good_calls(permits, threshold, lease, slow, waits, lost):
    # Why validate has nothing to say of these settings: only a rate limit before the breaker can keep it half open.
    clock = VirtualClock()
    breaker = a_half_open_breaker(
        clock, permits=permits, lease=lease, success_threshold=threshold, slow_call=SlowCall(slow)
    )
    for wait, is_lost in zip(waits[:threshold], lost[:threshold], strict=True):
        clock.advance(wait)
        for _ in range(permits if is_lost else 0):
            breaker.enter()  # and never comes back
        clock.advance(lease)
        breaker.call(succeed)
    assert breaker.state == "CLOSED"


def test_never_more_probes_than_permits_are_let_through_at_once():
    # Polly#216, resilience4j#1432
    breaker = a_half_open_breaker(VirtualClock(), permits=3, success_threshold=10)
    permits, refused = [], 0
    for _ in range(50):
        try:
            permits.append(breaker.enter())
        except CircuitOpenError:
            refused += 1
    assert (len(permits), refused) == (3, 47)


def test_a_finished_probe_makes_room_for_the_next():
    breaker = a_half_open_breaker(VirtualClock(), permits=1, success_threshold=10)
    for _ in range(5):
        assert breaker.call(succeed) == "fine"


def test_an_error_that_does_not_count_gives_its_permit_back_uncounted():
    # resilience4j#544
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, permits=1, success_threshold=1)
    breaker._judge._counts = lambda error: not isinstance(error, KeyError)

    def ignored():
        raise KeyError("no such user")

    for _ in range(3):
        with pytest.raises(KeyError):
            breaker.call(ignored)
    assert breaker.state == "HALF_OPEN"
    assert breaker.statistics().neutral == 3
    assert breaker.call(succeed) == "fine"
    assert breaker.state == "CLOSED"


def test_a_hung_probe_gives_its_permit_back_when_its_lease_ends():
    # resilience4j#935, #2172
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, permits=1, lease=10.0, success_threshold=1)
    breaker.enter()
    clock.advance(9)
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.call(succeed)
    assert refusal.value.retry_after == 1.0
    clock.advance(1)
    assert breaker.call(succeed) == "fine"
    assert breaker.state == "CLOSED"


def test_a_probe_past_its_lease_still_counts_while_the_breaker_is_half_open():
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, permits=1, lease=5.0)
    permit = breaker.enter()
    clock.advance(6)
    breaker.fail(permit, 0.0, ConnectionError())
    assert breaker.state == "OPEN"


def test_a_cancelled_probe_is_released_and_the_cancellation_passes():
    # monix#1080
    breaker = a_half_open_breaker(VirtualClock(), permits=1, success_threshold=1)

    @breaker
    async def hang():
        await asyncio.Event().wait()

    async def cancel_one():
        task = asyncio.ensure_future(hang())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_one())
    assert breaker.state == "HALF_OPEN"
    assert breaker.call(succeed) == "fine"
    assert breaker.state == "CLOSED"


@pytest.mark.parametrize("exit_", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupts_and_exits_count_as_nothing_and_pass(exit_):
    breaker = a_half_open_breaker(VirtualClock(), permits=1, success_threshold=1)

    def leave():
        raise exit_

    with pytest.raises(exit_):
        breaker.call(leave)
    assert breaker.state == "HALF_OPEN"
    assert breaker.statistics().neutral == 1
    assert breaker.call(succeed) == "fine"


def test_a_late_failure_of_an_earlier_era_changes_nothing():
    # Polly#217, k8s-breakglass#981
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, recovery_timeout=30.0, success_threshold=1)
    slow = breaker.enter()
    attempt(breaker)
    clock.advance(30)
    attempt(breaker, succeed)
    assert breaker.state == "CLOSED"
    breaker.fail(slow, 0.0, ConnectionError())
    assert breaker.state == "CLOSED"
    assert breaker.statistics().late == 1
    assert breaker.statistics().failures == 2


def test_a_late_success_of_an_earlier_era_does_not_close_a_half_open_breaker():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, recovery_timeout=30.0, success_threshold=1)
    slow = breaker.enter()
    attempt(breaker)
    clock.advance(30)
    probe = breaker.enter()
    breaker.succeed(slow, 0.0)
    assert breaker.state == "HALF_OPEN"
    breaker.succeed(probe, clock.monotonic())
    assert breaker.state == "CLOSED"


def test_probes_that_are_left_when_the_breaker_moves_on_change_nothing():
    clock, events = VirtualClock(), []
    breaker = a_half_open_breaker(clock, events, permits=3, success_threshold=2)
    first, second, third = breaker.enter(), breaker.enter(), breaker.enter()
    now = clock.monotonic()
    breaker.succeed(first, now)
    breaker.succeed(second, now)
    breaker.fail(third, now, ConnectionError())
    assert breaker.state == "CLOSED"
    assert len(events) == 3


def test_a_slow_probe_past_the_timeout_opens_again():
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, permits=1, lease=100.0, timeout=10.0, success_threshold=1)
    breaker.call(clock.advance, 11.0)
    assert breaker.state == "OPEN"


def test_one_probe_runs_at_a_time_where_the_policy_says_nothing():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, success_threshold=2, recovery_timeout=30.0)
    clock.advance(30)
    breaker.enter()
    with pytest.raises(CircuitOpenError):
        breaker.enter()


def test_a_probe_that_fails_opens_for_the_whole_time_again():
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, recovery_timeout=30.0)
    clock.advance(100)
    attempt(breaker, fail)
    assert breaker.statistics().retry_after == 30.0


def test_a_probe_whose_permit_went_to_another_still_tells_how_it_ended():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=2, half_open=HalfOpen(1, lease=5.0))
    clock.advance(30.0)
    hung, started = breaker.enter(), clock.monotonic()
    clock.advance(5.0)
    other = breaker.enter()
    breaker.succeed(hung, started)
    assert breaker.state == "HALF_OPEN"
    breaker.succeed(other, clock.monotonic())
    assert breaker.state == "CLOSED"


def test_a_refusal_for_want_of_a_permit_names_its_breaker_and_says_when_the_lease_ends():
    clock = VirtualClock()
    breaker = a_half_open_breaker(clock, permits=1, lease=10.0)
    breaker.enter()
    clock.advance(4.0)
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.enter()
    assert (refusal.value.breaker, refusal.value.retry_after) == ("api", 6.0)
