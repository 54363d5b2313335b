"""The order in which the steps of a case happen: by time, then as they stand in the file.

Steps may overlap: a series of errors and one of calls go side by side. Of a step's own, its events come before the look
at what it expects.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from policy_engine.simulate.policy_tests.cases import Case, CaseStep


class Moment(NamedTuple):
    """Something to be done at ``time``: the ``number``-th event of a step (from 1), or with 0 the look after all."""

    time: float
    step: int
    looks: bool
    number: int


def timeline(case: Case) -> Iterator[Moment]:
    """Yield all moments of a case in order."""
    return heapq.merge(*map(_moments, case.steps))


def last_event(case: Case) -> float:
    """When something last happens in a case, or it says last that time passes."""
    ends = [step.end for step in case.steps if step.waits]
    return max([*ends, *(each for step in case.steps if (each := step.last_event) is not None)], default=0.0)


def _moments(step: CaseStep) -> Iterator[Moment]:
    if step.event is not None:
        for number in range(step.times):
            yield Moment(step.start + number * step.every, step.index, looks=False, number=number + 1)
    yield Moment(step.end, step.index, looks=True, number=0)
