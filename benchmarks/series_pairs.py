"""Whether the two numbers of `benchmarks.series` were only lucky: other pairs of them, and pairs chosen unseen.

Run it with ``python -m benchmarks.series_pairs``; it takes about a minute. For each series a pair is chosen on all
*other* series, the one that fires in four fifths of their windows with the smallest part of the changes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from benchmarks.series import DATA, Series, chosen_policy, read_series, run, separable, without_hysteresis

RARES = (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01)
DWELLS = (12, 24, 36, 48)
Pair = tuple[float, int]


class Score(NamedTuple):
    """What was counted on one series, or on several."""

    windows: int
    fired: int
    changes: int
    without: int

    @property
    def enough(self) -> bool:
        """Whether it fired in four fifths of the windows."""
        return 5 * self.fired >= 4 * self.windows

    def __str__(self) -> str:
        changes = f"{self.changes:,} of {self.without:,} level changes ({self.changes / self.without:.2f})"
        return f"fired in {self.fired} of {self.windows} windows, {changes}"


def score(series: Series, pair: Pair) -> Score:
    """Judge the policy that a pair suggests for a series, on the rest of it."""
    policy = chosen_policy(series, *pair)
    ours, plain = run(policy, series), run(without_hysteresis(policy), series)
    windows = separable(series)
    return Score(len(windows), sum(map(ours.fired_in, windows)), len(ours.changes), len(plain.changes))


def total(scores: Sequence[Score]) -> Score:
    """Add scores up."""
    return Score(*map(sum, zip(*scores, strict=True)))


def chosen_without(left_out: int, scores: Mapping[Pair, Sequence[Score]]) -> Pair:
    """The pair that is best on all series but one."""

    def worth(pair: Pair) -> tuple[bool, float]:
        others = total([each for at, each in enumerate(scores[pair]) if at != left_out])
        return others.enough, -others.changes / others.without

    return max(scores, key=worth)


def told(scores: Mapping[Pair, Sequence[Score]]) -> Iterator[str]:
    """Yield a line for each pair, how many are good enough, and what pairs chosen on other series do."""
    totals = {pair: total(each) for pair, each in scores.items()}
    for (rare, dwell), sums in totals.items():
        yield f"{rare:<7g} {dwell:>2}  {sums}"
    good = sum(each.enough and 5 * each.changes <= each.without for each in totals.values())
    yield f"{good} of {len(totals)} pairs fire in 80 % of the windows with a fifth of the changes"
    count = len(next(iter(scores.values())))
    unseen = total([scores[chosen_without(at, scores)][at] for at in range(count)])
    yield f"each series by the pair that is best on the others: {unseen}"


def main() -> None:
    if not DATA.is_dir():
        sys.exit("../shared/data/series is not there: there is nothing to measure")
    series = list(read_series())
    scores = {pair: [score(each, pair) for each in series] for pair in product(RARES, DWELLS)}
    print("\n".join(told(scores)))


if __name__ == "__main__":
    main()
