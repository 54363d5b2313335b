"""What plugins bring to a running engine: the gauges of their metrics.

Knows the engine's parts that take them, and not what they do. In a dry engine, whose errors are another process's or
made up, nothing of it runs.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy_engine.metrics import MetricSet
from policy_engine.plugins import Plugins


class Extensions:
    """The plugins' part in one engine; a reload may bring others of those that were loaded at its start."""

    def __init__(self, *, dry: bool) -> None:
        """``dry``: none of their code is to run."""
        self._dry = dry
        self._supplied: Mapping[str, object] = {}

    def supply(self, metrics: MetricSet, plugins: Plugins) -> None:
        """Let the plugins' gauges give their metrics; those of plugins that are no longer named are silent."""
        if self._dry:
            return
        for name in self._supplied:
            metrics.withdraw(name)
        for name, source in plugins.metrics.items():
            metrics.supply(name, source.read)
        self._supplied = plugins.metrics
