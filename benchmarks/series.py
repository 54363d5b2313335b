"""Levels on real series: what hysteresis and dwell make of a threshold on values that nobody made up.

Run it with ``python -m benchmarks.series``. It reads ``../shared/data/series``: values over time, with the windows in
which people say that something was wrong. ``--picture FILE.svg`` draws the same for a series of its own making instead.

The procedure, for each series:

1. The policy is chosen on the first third, labelled windows left out. It fires above the value that one in a thousand
   exceeds, and below its like on the other side; it is released when 36 samples in a row lie between the values that
   one in twenty lies beyond, on each side. Nothing of the rest is seen.
2. The rest runs through the real levels in virtual time, the value supplied as a metric. One sample is one second:
   samples lie 5 minutes to an hour apart, and dwell is counted in samples.
3. The same thresholds run beside it without hysteresis: each trigger is released when its condition no longer holds.

Judged is the rest. A labelled window counts if a single threshold can separate it: its highest value is above, or its
lowest below, every value that lies outside all labelled windows. The policy fires in it if the level falls inside it;
to be at the lower level already when it begins does not count.
"""

from __future__ import annotations

import argparse
import bisect
import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from policy_engine.clock import VirtualClock
from policy_engine.degrade import GracefulDegradation, compile_degradation
from policy_engine.metrics import Metric, MetricSet
from policy_engine.model import LevelChanged
from policy_engine.reports import Curves, Timeline, plot

DATA = Path(__file__).parents[2] / "shared" / "data" / "series"
RARE, COMMON, DWELL = 0.001, 0.05, 36
"""The same for all series."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values at equal distances; windows as first and last position."""

    name: str
    values: Sequence[float]
    windows: Sequence[tuple[int, int]]

    @property
    def split(self) -> int:
        """Where the first third ends."""
        return len(self.values) // 3

    def labelled(self, position: int) -> bool:
        """Whether a position lies in a labelled window."""
        return any(first <= position <= last for first, last in self.windows)


@dataclass(frozen=True, slots=True)
class Run:
    """What the level did on the rest: its changes, with their positions as times, and where it was degraded."""

    changes: Sequence[LevelChanged]
    degraded: frozenset[int]

    def fired_in(self, window: tuple[int, int]) -> bool:
        """Whether the level fell inside a window."""
        return any(change.after == "degraded" and window[0] <= change.time <= window[1] for change in self.changes)


def read_series() -> Iterator[Series]:
    """Yield the series that have labelled windows."""
    labels = json.loads((DATA / "windows.json").read_text("utf-8"))
    for name, windows in sorted(labels.items()):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            rows = [(datetime.fromisoformat(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
        rows.sort()
        times = [time for time, _ in rows]
        places = [
            (
                bisect.bisect_left(times, datetime.fromisoformat(first)),
                bisect.bisect_right(times, datetime.fromisoformat(last)) - 1,
            )
            for first, last in windows
        ]
        yield Series(Path(name).stem, [value for _, value in rows], places)


def chosen_policy(series: Series, rare: float = RARE, dwell: int = DWELL) -> dict[str, Any]:
    """The policy that the first third suggests."""
    known = sorted(value for at, value in enumerate(series.values[: series.split]) if not series.labelled(at))
    low, calm_low, calm_high, high = (_quantile(known, share) for share in (rare, COMMON, 1 - COMMON, 1 - rare))
    return {
        "levels": ["full", "degraded"],
        "probation": "0s",
        "flap_limit": {"hold": "0s"},
        "triggers": [
            _trigger("high", {"above": high}, {"at_most": calm_high, "for": f"{dwell}s"}),
            _trigger("low", {"below": low}, {"at_least": calm_low, "for": f"{dwell}s"}),
        ],
    }


def without_hysteresis(policy: dict[str, Any]) -> dict[str, Any]:
    """The same thresholds, and nothing else."""
    triggers = [{key: value for key, value in trigger.items() if key != "release"} for trigger in policy["triggers"]]
    return {**policy, "triggers": triggers}


def run(policy: dict[str, Any], series: Series) -> Run:
    """Run the rest of the series through the levels."""
    clock = VirtualClock()
    options = compile_degradation(policy)
    metrics = MetricSet(options.metrics(), on_fault=lambda where, error: sys.exit(f"{where}: {error}"))
    values = series.values
    position = series.split

    def value(_: Metric) -> float:
        return values[position]

    metrics.supply("series.value", value)
    changes: list[LevelChanged] = []
    levels = GracefulDegradation(
        options,
        clock=clock,
        read_all=lambda wanted: metrics.read_all(wanted, clock.monotonic()),
        publish=lambda change: changes.append(replace(change, time=float(position))),
    )
    degraded = set()
    for position in range(series.split, len(values)):
        clock.advance(1)
        levels.evaluate()
        if levels.current_level == "degraded":
            degraded.add(position)
    levels.close()
    return Run(changes, frozenset(degraded))


def separable(series: Series) -> list[tuple[int, int]]:
    """The labelled windows of the rest that a single threshold can tell from all that lies outside windows."""
    outside = [series.values[at] for at in range(series.split, len(series.values)) if not series.labelled(at)]
    highest, lowest = max(outside), min(outside)
    found = []
    for first, last in series.windows:
        inside = series.values[max(first, series.split) : last + 1]
        if inside and (max(inside) > highest or min(inside) < lowest):
            found.append((max(first, series.split), last))
    return found


def _trigger(name: str, limit: dict[str, float], release: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "level": "degraded", "when": {"metric": "series.value", **limit}, "release": release}


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def table(all_series: Iterator[Series]) -> Iterator[str]:
    """Yield a row for each series, and the totals."""
    yield "| series | windows | fired in | level changes | without hysteresis | degraded outside windows |"
    yield "|---|---:|---:|---:|---:|---:|"
    total, outside = [0, 0, 0, 0], []
    for series in all_series:
        policy = chosen_policy(series)
        ours, plain = run(policy, series), run(without_hysteresis(policy), series)
        windows = separable(series)
        row = [len(windows), sum(map(ours.fired_in, windows)), len(ours.changes), len(plain.changes)]
        calm = [at for at in range(series.split, len(series.values)) if not series.labelled(at)]
        outside.append(len(ours.degraded.intersection(calm)) / len(calm))
        total = [before + more for before, more in zip(total, row, strict=True)]
        yield _row(series.name, row, f"{outside[-1]:.0%}")
    yield _row("**all**", total, f"{sum(outside) / len(outside):.0%}")
    windows_all, fired, ours_all, plain_all = total
    yield ""
    yield f"fired in {fired / windows_all:.0%} of the windows, with {ours_all / plain_all:.2f} of the level changes"


def _row(name: str, numbers: Sequence[int], share: str) -> str:
    return f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} | {share} |"


def a_wavering_series() -> Series:
    """A daily wave with noise, made here, and two days on which something is wrong."""
    random = Random(7)
    values = [40 + 12 * math.sin(2 * math.pi * at / 288) + random.gauss(0, 4) for at in range(288 * 9)]
    windows = [(288 * 5 + 190, 288 * 5 + 360), (288 * 7 + 200, 288 * 7 + 340)]
    for first, last in windows:
        for at in range(first, last + 1):
            values[at] += 36 * math.sin(math.pi * (at - first) / (last - first)) + random.gauss(0, 8)
    return Series("a wavering value", values, windows)


def picture() -> bytes:
    """Draw the rest of the series that is made here, with both levels; a sample is drawn as five minutes.

    Of the policy that the first third suggests the trigger "high" alone, so that one curve shows all that moves them.
    """
    series, step = a_wavering_series(), 300
    chosen = chosen_policy(series)
    policy = {**chosen, "triggers": chosen["triggers"][:1]}
    high = {**policy["triggers"][0], "release": {**policy["triggers"][0]["release"], "for": f"{DWELL * step}s"}}
    curves = Curves(compile_degradation({**policy, "triggers": [high]}), most=600)
    timeline = Timeline(curves=curves)
    watched = curves.watched[0].metric
    for at in range(series.split, len(series.values)):
        curves.add((at - series.split) * step, {watched: series.values[at]})
    for name, each in (("", policy), ("without hysteresis", without_hysteresis(policy))):
        for change in run(each, series).changes:
            timeline.event(replace(change, time=(change.time - series.split) * step, component=name))
    timeline.covers(0, (len(series.values) - series.split) * step)
    return plot(timeline, compile_degradation(policy), "svg")


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.series")
    parser.add_argument("--picture", type=Path, help="draw a series that is made here, to this file (.svg)")
    chosen = parser.parse_args(arguments).picture
    if chosen is not None:
        chosen.write_bytes(picture())
    elif not DATA.is_dir():
        sys.exit("../shared/data/series is not there: there is nothing to measure")
    else:
        print("\n".join(table(read_series())))


if __name__ == "__main__":
    main(sys.argv[1:])
