"""Whatever was stored in whatever batches, the answers are those of a plain list of everything that happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from store.store_makers import ALWAYS, NOON, a_store, an_error_at, keep

from policy_engine import Severity, VirtualClock
from policy_engine.metrics.costs import LABELS, Cost, series_of
from policy_engine.metrics.rollup import Rollup, Window
from policy_engine.model import ErrorInfo
from policy_engine.observe import LiveCounts
from policy_engine.store.sqlite.buckets import WIDTHS, pieces, whole_minutes

SPAN = 3 * 86_400
times = st.floats(NOON - SPAN, NOON + SPAN, allow_nan=False).map(lambda time: round(time, 3))
windows = st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Window(*sorted(pair)))
labels = st.fixed_dictionaries(
    {
        "fingerprint": st.sampled_from(["a", "b", "c"]),
        "category": st.sampled_from(["NETWORK", "DATABASE"]),
        "severity": st.sampled_from(list(Severity)),
        "module": st.sampled_from(["", "shop"]),
        "rule": st.sampled_from([None, "peer"]),
        "exception_type": st.sampled_from(["ValueError", "OSError"]),
    }
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["NETWORK", "NOBODY"]),
        "severity": st.sampled_from(["LOW", "HIGH"]),
        "rule": st.sampled_from(["", "peer"]),
        "fingerprint": st.just("a"),
        "module": st.just("shop"),
        "type": st.just("OSError"),
    },
)


@dataclass
class Happened:
    """A plain list of everything."""

    errors: list[ErrorInfo] = field(default_factory=list)
    calls: list[tuple[float, str, bool]] = field(default_factory=list)

    def inside(self, window: Window, where: dict[str, str]) -> list[ErrorInfo]:
        return [
            info
            for info in self.errors
            if window.since <= info.time < window.until
            and all(getattr(series_of(info), label) == value for label, value in where.items())
        ]


@st.composite
def batches(draw: st.DrawFn) -> list[list[Any]]:
    """Errors and calls in the order in which they come, in the batches in which they are written."""
    found: list[list[Any]] = []
    number = 0
    for _ in range(draw(st.integers(1, 5))):
        batch: list[Any] = []
        for _ in range(draw(st.integers(0, 8))):
            number += 1
            time = draw(times)
            if draw(st.booleans()):
                costs = {"handling_seconds": draw(st.sampled_from([0.0, 0.00025])), "retries": draw(st.integers(0, 3))}
                batch.append(an_error_at(time, number, **draw(labels), **costs, call_seconds=0.5))
            else:
                batch.append((time, draw(st.sampled_from(["api", "db"])), draw(st.booleans())))
        found.append(batch)
    return found


def fill(store: Any, happened: Happened, batch: list[Any]) -> None:
    for each in batch:
        if isinstance(each, ErrorInfo):
            keep(store, each)
            happened.errors.append(each)
        else:
            time, name, failed = each
            store.call_finished(name, time, 0.25, failed=failed, slow=False)
            happened.calls.append(each)


@settings(max_examples=150, deadline=None)
@given(batches(), windows, filters)
def test_every_answer_is_that_of_a_plain_list(written, window, where) -> None:
    clock, happened = VirtualClock(NOON), Happened()
    store = a_store(clock)
    for batch in written:
        fill(store, happened, batch)
        clock.advance(1.0)
    reader = store.reader()
    whole = reader.aligned(window)
    assert whole.since <= window.since < window.until <= whole.until
    inside = happened.inside(whole, where)
    for by in LABELS:
        expected = Counter(getattr(series_of(info), by) for info in inside)
        assert {name: cost.errors for name, cost in reader.costs(window, by, where).items()} == dict(expected)
        for width in (60, 3600, 86_400):
            counts = Counter((getattr(series_of(info), by), info.time // width * width) for info in inside)
            told = reader.over_time(window, by, where, width)
            assert {(name, start): n for name, by_start in told.items() for start, n in by_start.items()} == counts
    total = Cost()
    for cost in reader.costs(window, "category", where).values():
        total.absorb(cost)
    assert total.retries == sum(info.retries for info in inside)
    assert abs(total.handling_seconds - sum(info.handling_seconds for info in inside)) < 1e-6
    assert abs(total.call_seconds - 0.5 * len(inside)) < 1e-6
    matrix = Counter((info.category, info.severity.value) for info in inside)
    assert reader.matrix(window, where) == matrix
    timeline = Counter((info.time // 600 * 600, info.category, info.type) for info in inside)
    assert Counter({tuple(place): n for *place, n in reader.timeline(window, where, 600)}) == timeline
    calls = [each for each in happened.calls if whole.since <= each[0] < whole.until]
    told_calls = {name: (counts.calls, counts.failed) for name, counts in reader.calls(window).items()}
    assert told_calls == {
        name: (sum(each[1] == name for each in calls), sum(each[1] == name and each[2] for each in calls))
        for name in {each[1] for each in calls}
    }
    newest = sorted(happened.inside(window, where), key=lambda info: (info.time, info.id), reverse=True)
    assert [error.id for error in reader.errors(window, where, 5)] == [info.id for info in newest[:5]]
    first = {}
    for info in happened.errors:
        first[info.fingerprint] = min(info.time, first.get(info.fingerprint, info.time))
    assert reader.first_seen({"a", "b", "c", "zzz"}) == first


@settings(max_examples=100, deadline=None)
@given(batches(), windows, filters)
def test_a_running_engine_counts_what_a_plain_list_does_within_its_buckets(written, window, where) -> None:
    happened, live = Happened(), LiveCounts(kinds=100, entries=10_000, labels=100)
    for batch in written:
        for each in batch:
            if isinstance(each, ErrorInfo):
                live.error_handled(each, series_of(each), each.time)
                happened.errors.append(each)
    assert sum(cost.errors for cost in live.costs(ALWAYS, "category", {}).values()) == len(happened.errors)
    told = live.costs(window, "category", where)
    whole = live.aligned(window)
    most = Counter(info.category for info in happened.inside(whole, where))
    least = Counter(info.category for info in happened.inside(window, where))
    for category in ("NETWORK", "DATABASE"):
        counted = told[category].errors if category in told else 0
        assert least[category] <= counted <= most[category]


@given(windows, st.sampled_from(WIDTHS))
def test_pieces_make_up_a_window_without_gap_or_overlap(window, widest) -> None:
    found = list(pieces(window, widest=widest))
    whole = whole_minutes(window)
    assert [found[0].start, *(piece.end for piece in found)] == [*(piece.start for piece in found), found[-1].end]
    assert (found[0].start, found[-1].end) == whole
    assert all(piece.start % piece.width == 0 == piece.end % piece.width for piece in found)
    assert max(piece.width for piece in found) <= widest
    assert len(found) <= 2 * len(WIDTHS)


@given(st.lists(st.tuples(st.floats(0, 40 * 86_400), st.sampled_from("abc")), max_size=300), st.integers(3, 50))
def test_a_rollup_keeps_every_count_however_little_room_it_has(added, entries) -> None:
    rollup: Rollup[str, Cost] = Rollup(Cost, entries=entries, rest=lambda _: "other")
    for time, key in added:
        rollup.at(time, key).errors += 1
    assert sum(cost.errors for _, _, cost in rollup) == len(added)
    assert len(rollup) == len(list(rollup))
