"""How the bot paces its attempts to connect."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from ws_alert.pacing import Pacing, Reconnects


def reconnects(**pacing: float) -> Reconnects:
    return Reconnects(Pacing(**pacing), Random(1))


def test_the_delay_doubles_up_to_its_maximum_and_half_of_it_is_drawn() -> None:
    attempts = reconnects(initial=1.0, maximum=8.0)
    for grown in (1.0, 2.0, 4.0, 8.0, 8.0):
        attempts.lost(0.0)
        assert grown / 2 <= attempts.delay() <= grown


def test_a_server_that_accepts_and_hangs_up_at_once_does_not_reset_the_delay() -> None:
    attempts = reconnects(stable_after=60.0)
    for now in (0.0, 1.0, 2.0):
        attempts.connected(now)
        attempts.lost(now + 0.1)
    assert attempts.failures == 3


def test_a_connection_that_lasted_starts_the_count_over() -> None:
    attempts = reconnects(stable_after=60.0)
    for now in (0.0, 1.0, 2.0):
        attempts.lost(now)
    attempts.connected(3.0)
    attempts.lost(63.0)
    assert attempts.failures == 1


def test_a_failed_attempt_after_a_long_connection_does_not_count_its_time_again() -> None:
    attempts = reconnects(stable_after=60.0)
    attempts.connected(0.0)
    attempts.lost(60.0)
    attempts.lost(500.0)
    assert attempts.failures == 2


def test_attempts_are_exhausted_at_the_limit() -> None:
    attempts = reconnects(limit=2)
    attempts.lost(0.0)
    assert not attempts.exhausted
    attempts.lost(1.0)
    assert attempts.exhausted


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=5000))
def test_no_number_of_failures_overflows_the_delay(failures: int) -> None:
    attempts = reconnects(initial=0.5, maximum=30.0)
    attempts.failures = failures
    assert 0.0 < attempts.delay() <= 30.0
