"""A period of a store: which kinds of error are new in it, and which are back."""

from __future__ import annotations

from store.store_makers import NOON, a_store, an_error_at, keep

from policy_engine import VirtualClock
from policy_engine.metrics.costs import Cost, series_of
from policy_engine.metrics.rollup import Window
from policy_engine.observe import Question, answer
from policy_engine.reports import period_of


def test_what_an_old_error_still_costs_is_no_error_that_came_back():
    store = a_store(VirtualClock())
    old = an_error_at(NOON)
    keep(store, old)
    store.charge(series_of(old), NOON + 7200.0, Cost(degraded_seconds=60.0))
    keep(store, an_error_at(NOON + 10_800.0, 1))
    reader = store.reader()
    for begin, back in ((NOON, 0), (NOON + 7200.0, 0), (NOON + 10_800.0, 1)):
        asked = Question(Window(begin, begin + 3600.0))
        assert period_of(reader, asked, most=10).returning == back
        assert len(answer(reader, asked)["returning_fingerprints"]) == back
