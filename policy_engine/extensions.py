"""What plugins bring to a running engine: the gauges of their metrics, their enrichers and exporters.

Knows the engine's parts that take them, and not what they do. In a dry engine, whose errors are another process's or
made up, nothing of it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policy_engine.clock import Clock
from policy_engine.compile import Policy
from policy_engine.enriching import additions
from policy_engine.events import EventBus
from policy_engine.metrics import MetricSet
from policy_engine.model import ErrorInfo
from policy_engine.observe import Exporters
from policy_engine.plugins import Plugins


class Extensions:
    """The plugins' part in one engine; a reload may bring others of those that were loaded at its start."""

    def __init__(self, *, clock: Clock, bus: EventBus, dry: bool) -> None:
        """``dry``: none of their code is to run."""
        self._dry = dry
        self._bus = bus
        self._supplied: Mapping[str, object] = {}
        self._exporters = Exporters(clock=clock, fault=bus.fault)
        self._end_exports: Callable[[], None] | None = None

    def supply(self, metrics: MetricSet, plugins: Plugins) -> None:
        """Let the plugins' gauges give their metrics; those of plugins that are no longer named are silent."""
        if self._dry:
            return
        for name in self._supplied:
            metrics.withdraw(name)
        for name, source in plugins.metrics.items():
            metrics.supply(name, source.read)
        self._supplied = plugins.metrics

    def enrich(self, plugins: Plugins, info: ErrorInfo, exception: BaseException) -> dict[str, Any]:
        """Return what the plugins' enrichers add to the context of an error, not scrubbed yet."""
        return {} if self._dry else additions(plugins.enrichers.values(), info, exception, self._bus.fault)

    def adopt(self, policy: Policy) -> None:
        """Export to the exporters of the plugins that this policy names."""
        if self._dry:
            return
        self._exporters.adopt(policy.plugins.exporters, policy.bounds.queue)
        if self._end_exports is not None and not policy.plugins.exporters:
            self._end_exports()
            self._end_exports = None
        elif self._end_exports is None and policy.plugins.exporters:
            # Only where there is one, so that nobody else pays for it with each event.
            self._end_exports = self._bus.subscribe(self._exporters.take)

    def statistics(self) -> dict[str, Any]:
        """Return what became of the events for exporters, as plain JSON-ready data."""
        return self._exporters.statistics()
