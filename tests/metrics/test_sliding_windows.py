from hypothesis import given
from hypothesis import strategies as st

from policy_engine.metrics import SlidingCount


def test_an_event_counts_until_the_window_has_passed_it():
    errors = SlidingCount(60.0)
    errors.add(0.0)
    assert errors.total(59.9) == 1
    assert errors.total(60.0) == 0


def test_events_leave_one_by_one_as_they_came():
    errors = SlidingCount(60.0)
    for second in range(60):
        errors.add(float(second))
    assert [errors.total(now) for now in (59.0, 60.0, 89.0, 118.0, 119.0)] == [60, 59, 30, 1, 0]


def test_a_long_silence_forgets_everything():
    errors = SlidingCount(1.0)
    errors.add(5.0)
    assert errors.total(1e9) == 0


def test_a_caller_that_read_its_clock_a_moment_earlier_still_counts():
    errors = SlidingCount(60.0)
    errors.add(30.0)
    errors.add(29.0)
    assert errors.total(30.0) == 2


@given(st.lists(st.floats(0.0, 30.0), max_size=60), st.sampled_from([0.5, 10.0, 60.0, 3600.0]))
def test_what_is_counted_is_exact_but_for_a_sixtieth_of_the_window(pauses, window):
    counter, times, now = SlidingCount(window), [], 1000.0
    for pause in pauses:
        now += pause
        counter.add(now)
        times.append(now)
        certainly = sum(now - time < window * 59 / 60 - 1e-6 for time in times)
        perhaps = sum(now - time < window + 1e-6 for time in times)
        assert certainly <= counter.total(now) <= perhaps
