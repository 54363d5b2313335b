"""Windows count what a plain list of all calls counts, whether good calls are told one by one or together."""

from math import floor

from hypothesis import given
from hypothesis import strategies as st

from policy_engine.protect.breaker.tally import Rates
from policy_engine.protect.breaker.windows import CountWindow, TimeWindow

OUTCOMES = st.integers(0, 3)
TOGETHER = st.tuples(st.just("good"), st.integers(0, 9))
NEVER = Rates(failure=2.0, slow=2.0, minimum=1)


def counted(outcomes):
    return (len(outcomes), sum(outcome & 1 for outcome in outcomes), sum(outcome >> 1 for outcome in outcomes))


@given(size=st.integers(1, 7), told=st.lists(st.one_of(OUTCOMES, TOGETHER), max_size=30))
def test_a_count_window_holds_the_last_calls(size, told):
    window, log = CountWindow(size, NEVER), []
    for what in told:
        if isinstance(what, tuple):
            window.add_good(what[1])
            log += [0] * what[1]
        else:
            window.add(what, 0.0)
            log.append(what)
        assert window.reading(0.0) == counted(log[-size:])


@given(
    size=st.sampled_from([1.0, 20.0, 7.3]),
    told=st.lists(st.tuples(st.floats(0.0, 10.0), st.one_of(OUTCOMES, TOGETHER)), max_size=30),
)
def test_a_time_window_holds_the_calls_of_the_last_twenty_steps(size, told):
    window, log, now = TimeWindow(size, NEVER, 0.0), [], 0.0
    for wait, what in told:
        if isinstance(what, tuple):
            if now < window.quiet_until:
                window.add_good(what[1])
                log += [(now, 0)] * what[1]
        else:
            now += wait
            window.add(what, now)
            log.append((now, what))
        step = size / 20
        held = [what for then, what in log if floor(now / step) - floor(then / step) < 20]
        assert window.reading(now) == counted(held)


def test_a_time_window_takes_a_step_backwards_for_the_present():
    window = TimeWindow(20.0, NEVER, 100.0)
    window.add(1, 100.0)
    window.add(1, 3.0)
    assert window.reading(3.0) == (2, 2, 0)
    assert window.reading(120.0) == (0, 0, 0)


@given(
    told=st.lists(OUTCOMES, max_size=40), size=st.integers(1, 10), minimum=st.integers(1, 10), rate=st.floats(0.01, 1)
)
def test_a_good_call_never_opens_a_quiet_window(told, size, minimum, rate):
    for window in (CountWindow(size, Rates(rate, rate, minimum)), TimeWindow(size, Rates(rate, rate, minimum), 0.0)):
        for outcome in told:
            quiet = window.quiet_until > 0.0
            reason = window.add(outcome, 0.0)
            assert not (quiet and outcome == 0 and reason)
            if reason:
                break
