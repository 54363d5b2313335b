"""Whatever came, in whatever order, through whichever process: what a store and an engine answer is a plain sum."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.store_makers import ALWAYS, NOON, Failing, a_recovery, a_store, an_error_at

from policy_engine import Severity, VirtualClock
from policy_engine.metrics.costs import LABELS, CallCounts, Cost, Series, matches, series_of
from policy_engine.metrics.rollup import Window
from policy_engine.model import RecoveryStatus
from policy_engine.observe import LiveCounts
from policy_engine.store import Change, RecoveryRow, WaitingBounds
from policy_engine.store.sqlite import SqliteReader

BOUNDS = WaitingBounds(errors=1000, alike=1000, kinds=100, changes=100)
EIGHTHS = st.integers(-3 * 86400 * 8, 3 * 86400 * 8) | st.integers(-300 * 8, 300 * 8)
TIMES = EIGHTHS.map(lambda eighths: NOON + eighths / 8)
MICROSECONDS = st.integers(0, 5_000_000).map(lambda micro: micro / 1_000_000)
ERRORS = st.fixed_dictionaries(
    {
        "fingerprint": st.sampled_from(["f0", "f1", "f2"]),
        "exception_type": st.sampled_from(["ValueError", "OSError"]),
        "category": st.sampled_from(["NETWORK", "API"]),
        "severity": st.sampled_from(list(Severity)),
        "module": st.sampled_from(["", "shop"]),
        "rule": st.sampled_from([None, "a", "b"]),
        "handling_seconds": MICROSECONDS,
        "call_seconds": st.none() | MICROSECONDS,
        "retries": st.integers(0, 3),
    }
)
SERIES = st.builds(
    Series,
    st.sampled_from(["f0", "f1", "f9"]),
    st.just("ValueError"),
    st.sampled_from(["NETWORK", "API"]),
    st.just("HIGH"),
    st.just("shop"),
    st.just("a"),
)
COSTS = st.builds(
    Cost,
    refused_calls=st.integers(0, 3),
    degraded_seconds=MICROSECONDS,
    recovery_seconds=MICROSECONDS,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("error"), TIMES, ERRORS),
        st.tuples(st.just("error"), TIMES, ERRORS),
        st.tuples(st.just("charge"), TIMES, SERIES, COSTS),
        st.tuples(st.just("call"), TIMES, st.sampled_from(["api", "db"]), MICROSECONDS, st.booleans(), st.booleans()),
        st.tuples(st.just("refused"), TIMES, st.sampled_from(["api", "db"])),
        st.tuples(st.just("recovered"), TIMES, st.sampled_from(["reconnect", "wait"]), MICROSECONDS),
        st.tuples(st.just("change"), TIMES, st.sampled_from(["level", "breaker"]), st.integers(0, 9)),
        st.tuples(st.just("recovery"), TIMES, st.integers(0, 4)),
        st.tuples(st.just("flush"), st.booleans()),
    ),
    max_size=40,
)
WINDOWS = st.tuples(EIGHTHS, st.integers(1, 4 * 86400 * 8) | st.integers(1, 4000)).map(
    lambda pair: Window(NOON + pair[0] / 8, NOON + (pair[0] + pair[1]) / 8)
)
WHERE = st.dictionaries(st.sampled_from(LABELS), st.just("")).flatmap(
    lambda names: st.fixed_dictionaries(
        {
            name: st.sampled_from(
                {
                    "category": ["NETWORK", "API", "none such"],
                    "severity": [each.value for each in Severity],
                    "module": ["", "shop"],
                    "rule": ["", "a", "b"],
                    "type": ["ValueError", "OSError"],
                    "fingerprint": ["f0", "f1", "f2", "f9"],
                }[name]
            )
            for name in names
        }
    )
)


class Plain:
    """Everything that came, in lists, and sums over them as a reader of the docs would make them."""

    def __init__(self) -> None:
        self.errors = []
        self.costs: list[tuple[float, Series, Cost]] = []
        self.calls: list[tuple[float, str, CallCounts]] = []
        self.call_times: list[tuple[float, str, float]] = []
        self.recovered: list[tuple[float, str, float]] = []
        self.changes: list[Change] = []
        self.recoveries: dict[str, list[float]] = {}
        """When each was heard of."""

    def take(self, step, sinks) -> None:
        what, time, *rest = step
        if what == "error":
            self.take_error(an_error_at(time, len(self.errors), **rest[0]), sinks)
        elif what == "charge":
            self.costs.append((time, *rest))
            for sink in sinks:
                sink.charge(rest[0], time, rest[1])
        elif what == "call":
            name, seconds, failed, slow = rest
            self.calls.append((time, name, CallCounts(1, failed, slow, 0)))
            self.call_times.append((time, name, seconds))
            for sink in sinks:
                sink.call_finished(name, time, seconds, failed=failed, slow=slow)
        elif what == "refused":
            self.calls.append((time, rest[0], CallCounts(0, 0, 0, 1)))
            for sink in sinks:
                sink.call_refused(rest[0], time)
        elif what == "recovered":
            self.recovered.append((time, *rest))
            for sink in sinks:
                sink.recovered(rest[0], time, rest[1])

    def take_error(self, info, sinks) -> None:
        cost = Cost()
        cost.count(info)
        self.errors.append(info)
        self.costs.append((info.time, series_of(info), cost))
        for sink in sinks:
            sink.error_handled(info, series_of(info), info.time)

    def costs_by(self, window, by, where):
        found = defaultdict(Cost)
        for time, series, cost in self.costs:
            if inside(time, window) and matches(series, where):
                found[getattr(series, by)].absorb(cost)
        return dict(found)

    def over_time(self, window, by, where, width):
        found = defaultdict(Counter)
        for info in self.errors:
            series = series_of(info)
            if inside(info.time, window) and matches(series, where):
                found[getattr(series, by)][info.time // width * width] += 1
        return {label: dict(counts) for label, counts in found.items()}

    def calls_by(self, window):
        found = defaultdict(CallCounts)
        for time, name, counts in self.calls:
            if inside(time, window):
                found[name].absorb(counts)
        return {name: (each.calls, each.failed, each.slow, each.refused) for name, each in found.items()}

    def kinds(self):
        found = defaultdict(list)
        for info in self.errors:
            found[info.fingerprint].append(info)
        return found


def inside(time, window):
    return window.since <= time < window.until


def out_to_minutes(window):
    return Window(window.since // 60 * 60, -(-window.until // 60) * 60)


def the_same_costs(found, expected):
    assert found.keys() == expected.keys()
    for label, cost in expected.items():
        assert found[label].errors == cost.errors
        assert found[label].to_dict() == pytest.approx(cost.to_dict(), abs=1e-5)


def the_same_times(quantiles, times):
    """Quantiles lie among what was counted; there are none of nothing."""
    assert (quantiles is None) == (not times)
    if quantiles is not None:
        assert min(times) - 1e-9 <= quantiles["p50"] <= quantiles["p99"] <= max(times) + 1e-9


def handed_over(folder: Path, steps, plain: Plain):
    """Hand all steps to two stores of one file in turn, whose writes fail where the steps say so."""
    path = str(folder / "errors.db")
    backends = [Failing(path), Failing(path)]
    stores = [a_store(VirtualClock(NOON), backend=backend, bounds=BOUNDS) for backend in backends]
    turn = 0
    for step in steps:
        if step[0] == "flush":
            backends[turn].fails = step[1]
            stores[turn].flush()
            turn = 1 - turn
        elif step[0] == "change":
            _, time, what, number = step
            change = Change(time, what, f"n{number}", "a", "b", f"r{len(plain.changes)}")
            plain.changes.append(change)
            stores[turn].changed(change)
        elif step[0] == "recovery":
            _, time, number = step
            # Each recovery is of one process, and what is heard of it is in order of time.
            words = plain.recoveries.setdefault(f"r{number}", [])
            words.append(max([time, *words]))
            status = list(RecoveryStatus)[len(words) % 6]
            event = a_recovery(f"r{number}", words[-1], status, len(words))
            stores[number % 2].recovery_changed(RecoveryRow(event, words[-1], ""))
        else:
            plain.take(step, [stores[turn]])
    for store, backend in zip(stores, backends, strict=True):
        backend.fails = False
        store.close()
        backend.real.close()
    return SqliteReader.open(path)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, window=WINDOWS, where=WHERE, by=st.sampled_from(LABELS), most=st.integers(1, 10))
def test_a_store_answers_with_the_sums_of_what_came(steps, window, where, by, most):
    plain = Plain()
    with TemporaryDirectory() as folder:
        reader = handed_over(Path(folder), steps, plain)
        minutes = out_to_minutes(window)
        assert reader.aligned(window) == minutes
        the_same_costs(reader.costs(window, by, where), plain.costs_by(minutes, by, where))
        for width in (60, 600, 3600, 86400):
            assert reader.over_time(window, by, where, width) == plain.over_time(minutes, by, where, width)
            rows = Counter()
            for start, category, type_, errors in reader.timeline(window, where, width):
                rows[start, category, type_] += errors
            assert rows == Counter(
                (info.time // width * width, info.category, series_of(info).type)
                for info in plain.errors
                if inside(info.time, minutes) and matches(series_of(info), where)
            )
        assert reader.matrix(window, where) == Counter(
            (info.category, info.severity.value)
            for info in plain.errors
            if inside(info.time, minutes) and matches(series_of(info), where)
        )
        calls = reader.calls(window)
        assert {
            name: (each.calls, each.failed, each.slow, each.refused) for name, each in calls.items()
        } == plain.calls_by(minutes)
        hours = Window(window.since // 3600 * 3600, -(-window.until // 3600) * 3600)
        for name, counts in calls.items():
            in_hours = [seconds for time, call, seconds in plain.call_times if call == name and inside(time, hours)]
            the_same_times(counts.seconds.quantiles(), in_hours)
        times = reader.recovery_times(window)
        in_hours = defaultdict(list)
        for time, strategy, seconds in plain.recovered:
            if inside(time, hours):
                in_hours[strategy].append(seconds)
        assert times.keys() == in_hours.keys()
        for strategy, sketch in times.items():
            the_same_times(sketch.quantiles(), in_hours[strategy])

        kinds = plain.kinds()
        assert reader.first_seen({"f0", "f1", "f2", "f9"}) == {
            name: min(info.time for info in infos) for name, infos in kinds.items()
        }
        known = reader.kinds(["f0", "f1", "f2", "f9"])
        assert known.keys() == kinds.keys()
        for name, infos in kinds.items():
            kind, last = known[name], max(info.time for info in infos)
            assert (kind.errors, kind.last) == (len(infos), last)
            assert kind.example["id"] in {info.id for info in infos if info.time == last}, "the newest one"
        chosen = [
            info for info in plain.errors if inside(info.time, window) and matches(series_of(info), where)
        ]
        chosen.sort(key=lambda info: info.id, reverse=True)
        found = reader.errors(window, where, most)
        assert [(each.id, each.time, each.fingerprint) for each in found] == [
            (info.id, info.time, info.fingerprint) for info in chosen[:most]
        ]
        for info in plain.errors:
            one = reader.error(info.id)
            assert one is not None
            assert one[:5] == (info.time, info.id, info.fingerprint, info.category, info.severity.value)
            assert one.call_seconds == info.call_seconds
            assert (one.handling_seconds, one.retries) == (info.handling_seconds, info.retries)
        assert reader.error("f0") is None
        changes = [change for change in plain.changes if inside(change.time, window)]
        assert sorted(reader.changes(window, 100)) == sorted(changes)
        newest = reader.changes(window, most)
        assert [change.time for change in newest] == sorted(change.time for change in changes)[-most:]
        recoveries = {id_: words for id_, words in plain.recoveries.items() if inside(words[0], window)}
        told = reader.recoveries(window, 100)
        assert {(each.id, each.time, each.seconds, each.attempt) for each in told} == {
            (id_, words[0], words[-1] - words[0], len(words)) for id_, words in recoveries.items()
        }
        assert [each.time for each in told] == sorted(words[0] for words in recoveries.values())
        times_of_all = [info.time for info in plain.errors]
        assert reader.span() == (Window(min(times_of_all), max(times_of_all)) if times_of_all else None)
        reader.close()


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    window=WINDOWS,
    where=WHERE,
    by=st.sampled_from(LABELS),
    entries=st.sampled_from([8, 1000]),
)
def test_a_running_engine_answers_with_the_sums_of_what_came_in_the_window_that_it_names(
    steps, window, where, by, entries
):
    """With room for few counts, their stretches widen: the window that is answered for widens with them."""
    plain, live = Plain(), LiveCounts(kinds=100, entries=entries, labels=10)
    for step in steps:
        if step[0] not in {"flush", "change", "recovery"}:
            plain.take(step, [live])
    named = live.aligned(window)
    assert named.since <= window.since
    assert named.until >= window.until
    assert live.aligned(named) == named
    total = Cost()
    for cost in live.costs(named, "category", {}).values():
        total.absorb(cost)
    expected = Cost()
    for cost in plain.costs_by(named, "category", {}).values():
        expected.absorb(cost)
    the_same_costs({"all": total}, {"all": expected})
    assert {
        name: (each.calls, each.failed, each.slow, each.refused) for name, each in live.calls(named).items()
    } == plain.calls_by(named)
    if entries == 1000:
        assert named == out_to_minutes(window)
        the_same_costs(live.costs(named, by, where), plain.costs_by(named, by, where))
        for width in (60, 3600, 86400):
            assert live.over_time(named, by, where, width) == plain.over_time(named, by, where, width)
    assert live.first_seen({"f0", "f1", "f2", "f9"}) == {
        name: min(info.time for info in infos) for name, infos in plain.kinds().items()
    }


@settings(max_examples=50, deadline=None)
@given(steps=STEPS, cuts=st.lists(EIGHTHS, min_size=1, max_size=4))
def test_neighbouring_windows_add_up_to_the_whole(steps, cuts):
    plain = Plain()
    edges = sorted({(NOON + cut / 8) // 60 * 60 for cut in cuts})
    windows = [Window(since, until) for since, until in zip([0.0, *edges], [*edges, ALWAYS.until], strict=True)]
    with TemporaryDirectory() as folder:
        reader = handed_over(Path(folder), steps, plain)
        parts = sum(cost.errors for window in windows for cost in reader.costs(window, "category", {}).values())
        assert parts == len(plain.errors)
        reader.close()
