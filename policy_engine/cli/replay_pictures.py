"""What ``replay --html`` and ``--plot`` write: collects while errors go by, then writes a page and a picture."""

from __future__ import annotations

from collections.abc import Sequence

from policy_engine.cli.picture_files import form_of, writable
from policy_engine.compile import Policy
from policy_engine.model import ErrorInfo, Event, Severity
from policy_engine.reports import (
    Curves,
    Findings,
    InputFound,
    KindFound,
    Timeline,
    explained,
    page,
    plot,
)
from policy_engine.simulate import ReplaySummary
from policy_engine.simulate.heaviest import HeaviestKinds, Kind
from policy_engine.simulate.reading import Found


class Pictures:
    """Follows one replay: `handled` hears of every error, `event` of what the engine does."""

    def __init__(self, policy: Policy, html: str | None, plot_file: str | None) -> None:
        """Write a page to ``html`` and the timeline to ``plot_file``, where they are named.

        Raises:
            CannotRunError: one of them cannot be written.
        """
        self._policy = policy
        self._form = None if plot_file is None else form_of(plot_file)
        self._html = writable("--html", html)
        self._plot = writable("--plot", plot_file)
        bounds = policy.bounds
        self.curves = Curves(policy.degradation)
        """What the triggers compare, for whoever can measure it."""
        self._timeline = Timeline(changes=bounds.history, curves=self.curves)
        self._unclaimed = HeaviestKinds(bounds.fingerprints)
        self._critical = HeaviestKinds(bounds.fingerprints)

    def handled(self, _found: Found, info: ErrorInfo) -> None:
        """Take note of an error."""
        self._timeline.handled(info)
        if info.rule is None:
            self._unclaimed.add(info)
        if info.severity is Severity.CRITICAL:
            self._critical.add(info)

    def event(self, event: Event) -> None:
        """Take note of what the engine did."""
        self._timeline.event(event)

    def write(self, summary: ReplaySummary, top: int) -> None:
        """Write what was asked for."""
        if self._html is not None:
            self._html.write_text(page(self._findings(summary, top)), encoding="utf-8")
        if self._plot is not None and self._form is not None:
            self._plot.write_bytes(plot(self._timeline, self._policy.degradation, self._form))

    def _findings(self, summary: ReplaySummary, top: int) -> Findings:
        return Findings(
            inputs=tuple(
                InputFound(
                    name=each.name,
                    lines=each.counts.lines,
                    errors=each.counts.errors,
                    unparsed=each.counts.unparsed,
                    formats=tuple(each.counts.formats),
                    problem=each.problem,
                    samples=tuple(each.counts.samples),
                )
                for each in summary.inputs
            ),
            errors=summary.counts.errors,
            tracebacks=summary.counts.tracebacks,
            late=summary.late,
            faults=summary.faults,
            by_category=summary.by_category,
            kind_count=summary.kinds,
            kinds=self._explained(summary.most_frequent),
            critical_kinds=self._explained(self._critical.most_frequent(top)),
            unclaimed=summary.unclaimed,
            unclaimed_kinds=self._explained(self._unclaimed.most_frequent(top)),
            level=summary.level,
            recoveries=summary.recoveries,
            alerts=summary.alerts,
            degradation=self._policy.degradation,
            timeline=self._timeline,
        )

    def _explained(self, kinds: Sequence[Kind]) -> tuple[KindFound, ...]:
        return tuple(
            KindFound(
                count=kind.count,
                first=kind.first,
                last=kind.last,
                example=kind.example,
                explanation=explained(kind.example, self._policy),
            )
            for kind in kinds
        )
