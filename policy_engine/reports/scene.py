"""What is to be drawn of a timeline: the span worth looking at, its bursts, and what the policy says about rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy_engine.degrade import DegradationOptions
from policy_engine.reports.bursts import Burst, bursts
from policy_engine.reports.thresholds import Threshold, thresholds
from policy_engine.reports.timeline import Span, Timeline


@dataclass(frozen=True, slots=True)
class Scene:
    """A timeline that has something to draw."""

    timeline: Timeline
    span: Span
    bursts: Sequence[Burst]
    """The biggest first."""
    levels: Sequence[str]
    """Best first."""
    thresholds: Sequence[Threshold]


def scene_of(timeline: Timeline, degradation: DegradationOptions) -> Scene | None:
    """Return what is to be drawn; ``None`` where no error had a time."""
    span = timeline.span()
    if span is None:
        return None
    return Scene(timeline, span, bursts(timeline, span), degradation.levels, thresholds(degradation))
