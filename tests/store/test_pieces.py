"""A stretch of time as buckets of several widths: each minute of it once, in few pieces."""

from hypothesis import given
from hypothesis import strategies as st

from policy_engine.metrics.rollup import Window, widened
from policy_engine.store import WIDTHS
from policy_engine.store.sqlite.buckets import pieces

NOON = 1_772_366_400


@given(
    since=st.floats(-NOON, 2 * NOON) | st.integers(NOON - 10_000, NOON + 10_000),
    length=st.floats(0.001, 400 * 86400.0) | st.integers(1, 90_000),
    widest=st.sampled_from(WIDTHS),
)
def test_pieces_cover_a_windows_minutes_once_each_in_order_and_are_few(since, length, widest):
    window = Window(since, since + length)
    found = list(pieces(window, widest=widest))
    whole = widened(window)
    at = whole.since
    for width, start, end in found:
        assert start == at, "the next piece begins where the last one ended"
        assert end > start
        assert start % width == end % width == 0, "it is made of whole buckets"
        assert width <= widest
        at = end
    assert at == whole.until
    assert len(found) <= 2 * len(WIDTHS) - 1, "widths rise once and fall once"
    assert len({(width, start) for width, start, _ in found}) == len(found)


def test_a_week_from_midnight_is_one_piece_and_an_hour_at_noon_too():
    midnight = NOON - 12 * 3600
    assert list(pieces(Window(midnight, midnight + 7 * 86400))) == [(86400, midnight, midnight + 7 * 86400)]
    assert list(pieces(Window(NOON, NOON + 3600))) == [(3600, NOON, NOON + 3600)]


def test_an_empty_window_has_no_pieces():
    assert list(pieces(Window(NOON, NOON))) == []
