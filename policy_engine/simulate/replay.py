"""Recorded errors sent through the real engine in virtual time; actions run dry.

The clock follows the errors' own times and never runs backwards: an error that comes late is judged at the time that
is. One without a time is judged alone. The same input and policy give the same result, always.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import inf
from operator import itemgetter
from random import Random
from typing import Any

from policy_engine.clock import VirtualClock
from policy_engine.compile import Policy
from policy_engine.engine import Engine
from policy_engine.events import Subscriber
from policy_engine.instants import iso
from policy_engine.model import ErrorInfo
from policy_engine.reports.curves import Curves
from policy_engine.simulate.formats import plugin_formats
from policy_engine.simulate.inputs import Input
from policy_engine.simulate.measuring import Measuring
from policy_engine.simulate.reading import Found, Reader
from policy_engine.simulate.summary import InputRead, ReplaySummary
from policy_engine.simulate.tally import Tally

OpenReader = Callable[[Input], Reader]
EachError = Callable[[Found, ErrorInfo], object]


class Replay:
    """One replay under way."""

    def __init__(self, policy: Policy) -> None:
        self.clock = VirtualClock()
        self.engine = Engine(policy, clock=self.clock, random=Random(0), dry=True)  # noqa: S311  for ids and jitter
        self.tally = Tally(policy)
        self._started = False
        self.engine.subscribe(self.tally.event)

    def send(self, found: Found) -> ErrorInfo:
        """Send one error through the engine, at its time."""
        time = found.occurrence.time
        if time is not None:
            self._move_to(time)
        info = self.engine.process(found.occurrence)
        self.clock.advance(0)
        self.tally.handled(info, self.clock.time())
        return info

    def summary(self, inputs: Sequence[InputRead], top: int) -> ReplaySummary:
        """Return what has been found out so far."""
        strategies = self.engine.recovery_manager.statistics()["by_strategy"]
        return self.tally.summary(
            inputs,
            level=self.engine.degradation.current_level,
            recoveries={name: counts["started"] for name, counts in strategies.items() if counts["started"]},
            top=top,
        )

    def _move_to(self, time: float) -> None:
        if not self._started:
            self._started = True
            self.clock.set_time(time)
        ahead = time - self.clock.time()
        if ahead >= 0:
            self.clock.advance(ahead)
        else:
            self.tally.late += 1


def replay(
    policy: Policy,
    inputs: Iterable[Input],
    *,
    reader: OpenReader | None = None,
    each: EachError | None = None,
    events: Subscriber | None = None,
    curves: Curves | None = None,
    top: int = 10,
) -> ReplaySummary:
    """Read the inputs and send every error in them, in the order of time, through an engine that runs ``policy``.

    ``reader`` opens an input, where the defaults will not do; ``each`` is called with every error and what became of
    it, ``events`` with everything that the engine says; ``curves`` gets what the triggers compare, over time; ``top``
    is how many kinds of error the summary shows.

    Raises:
        OSError: an input is not there, or cannot be opened.
    """
    run = Replay(policy)
    if events is not None:
        run.engine.subscribe(events)
    if curves is not None:
        Measuring(run.engine, run.clock, curves)
    more_formats = plugin_formats(policy.plugins)
    opened = reader or (lambda one: Reader(one.open(), more_formats=more_formats))
    with reading(inputs, opened) as (errors, inputs_read):
        for found in errors:
            info = run.send(found)
            if each is not None:
                each(found, info)
        return run.summary(inputs_read(), top)


@contextmanager
def reading(
    inputs: Iterable[Input], reader: OpenReader | None = None
) -> Iterator[tuple[Iterator[Found], Callable[[], list[InputRead]]]]:
    """Open the inputs; gives their errors in the order of time, and what tells how reading went so far.

    Raises:
        OSError: an input is not there, or cannot be opened.
    """
    with ExitStack() as stack:
        opened = []
        for one in inputs:
            read = Reader(one.open()) if reader is None else reader(one)
            stack.callback(read.close)
            opened.append((one, read))
        errors = _by_time([read.errors() for _, read in opened])
        yield errors, lambda: [InputRead(one.shown, read.counts, read.problem) for one, read in opened]


def _by_time(inputs: Sequence[Iterator[Found]]) -> Iterator[Found]:
    """Merge the errors of several inputs as they happened; within each, their order stays."""
    if len(inputs) == 1:
        return inputs[0]
    return (found for _, found in heapq.merge(*map(_with_times, inputs), key=itemgetter(0)))


def _with_times(errors: Iterator[Found]) -> Iterator[tuple[float, Found]]:
    latest = -inf
    for found in errors:
        if found.occurrence.time is not None:
            latest = max(latest, found.occurrence.time)
        yield latest, found


def decision(found: Found, info: ErrorInfo, number: int) -> dict[str, Any]:
    """What the policy decided about one error, as JSON-ready data; ``number`` is its id where it came without one."""
    return {
        "id": number if found.id is None else found.id,
        "type": info.type,
        "message": info.message,
        "category": info.category,
        "severity": info.severity.value,
        "retryable": info.retryable,
        "rule": info.rule,
        "fingerprint": info.fingerprint,
        "level": info.level,
        "time": iso(info.time),
        "tags": list(info.tags),
    }
