"""One case run: an engine of its own on a virtual clock, the case's events in their order, and a look after each step.

The engine is the real one; its actions run dry, with the outcomes that the case scripts. A fault inside the engine is a
finding, never silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING

from policy_engine.clock import VirtualClock
from policy_engine.compile import Policy
from policy_engine.engine import Engine
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.protect.fallback import FallbackFunction
from policy_engine.simulate.policy_tests.calls import Caller
from policy_engine.simulate.policy_tests.cases import Call, Case, CaseStep, Error
from policy_engine.simulate.policy_tests.expectations import Sight, mismatches
from policy_engine.simulate.policy_tests.explaining import told
from policy_engine.simulate.policy_tests.faults import occurrence_of
from policy_engine.simulate.policy_tests.observed import Observed
from policy_engine.simulate.policy_tests.timeline import Moment, timeline

Watch = Callable[[Engine, VirtualClock], Callable[[], object]]
"""Is shown the engine of a case before it runs; what it returns is called after everything that happens."""

if TYPE_CHECKING:
    from policy_engine.simulate.policy_tests.coverage import Coverage


def run_case(
    case: Case,
    document: Document,
    policy: Policy,
    coverage: Coverage,
    *,
    seed: int = 0,
    watch: Watch | None = None,
) -> list[Diagnostic]:
    """Run one case of the test file ``document`` and return what was not as expected."""
    return list(_Run(case, document, policy, coverage, seed, watch).findings())


class _Run:
    """One case under way."""

    def __init__(
        self, case: Case, document: Document, policy: Policy, coverage: Coverage, seed: int, watch: Watch | None
    ) -> None:
        self._case = case
        self._document = document
        self._policy = policy
        self._clock = VirtualClock()
        self._engine = Engine(
            policy,
            clock=self._clock,
            random=Random(seed),  # noqa: S311  jitter and ids that are the same in each run
            dry=True,
            script=_script_of(case),
        )
        self._clock.on_fault = self._engine.fault
        self._seen = Observed(len(case.steps), coverage)
        self._caller = Caller(self._engine, self._clock, coverage)
        self._engine.subscribe(self._seen.event)
        for options in policy.calls.values():
            if isinstance(options.fallback, FallbackFunction):
                self._engine.register(options.fallback.name, _answer)
        self._watched = None if watch is None else watch(self._engine, self._clock)

    def findings(self) -> Iterator[Diagnostic]:
        """Run it all; yield what is wrong in the order in which it shows."""
        for moment in timeline(self._case):
            self._move_to(moment)
            step = self._case.steps[moment.step]
            if moment.looks:
                yield from self._look(step)
            else:
                self._happen(step, moment.number)
        for fault in self._seen.faults[:1]:
            span = self._document.locate(("tests", self._case.index, "name"))
            yield finding("PE507", f"the engine met an error of its own, {fault.where}: {fault.error}", span=span)

    def _move_to(self, moment: Moment) -> None:
        """Let time pass up to a moment; a call that took longer has passed it already."""
        ahead = moment.time - self._clock.monotonic()
        if ahead > 0:
            self._clock.advance(ahead)
        self._seen.step = self._seen.steps[moment.step]

    def _happen(self, step: CaseStep, number: int) -> None:
        if isinstance(step.event, Call):
            self._caller.make(step.event, number, self._seen.step)
        elif isinstance(step.event, Error):
            self._report(step.event)
        self._clock.advance(0)
        if self._watched is not None:
            self._watched()

    def _report(self, error: Error) -> None:
        self._engine.process(
            occurrence_of(
                error.fault,
                time=self._clock.time(),
                module=error.module,
                function=error.function,
                context=error.context,
            )
        )

    def _look(self, step: CaseStep) -> Iterator[Diagnostic]:
        record = self._seen.steps[step.index]
        info = self._seen.info if step.event is None else record.info
        sight = Sight(self._engine, self._seen, record, info)
        path = ("tests", self._case.index, "steps", step.index, "expect")
        for mismatch in mismatches(step.expect, sight):
            yield told(mismatch, sight, self._policy, self._document, path)


def _script_of(case: Case) -> Callable[[str, str], bool]:
    """Return how each action goes, one outcome a run."""
    runs = dict.fromkeys(case.actions, 0)

    def script(strategy: str, action: str) -> bool:  # noqa: ARG001  the form of a script
        outcomes = case.actions.get(action)
        if outcomes is None:
            return True
        run, runs[action] = runs[action], runs[action] + 1
        return outcomes[min(run, len(outcomes) - 1)]

    return script


def _answer(*args: object, **kwargs: object) -> None:
    """Stand in for a function that only the service registers."""
