"""What an engine measures: the counters that its policy's metrics need, and the gauges, which outlive every policy.

Knows who gives which value, not what is compared with it. In a dry engine, whose errors are another process's or made
up, nothing of this process is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policy_engine.clock import Clock
from policy_engine.compile import Policy
from policy_engine.extensions import Extensions
from policy_engine.metrics import Gauge, LoopLag, MetricSet, ProcessGauges, open_breakers
from policy_engine.model import BreakerState


class Measuring:
    """The gauges of one engine, and the sets of counters that read them."""

    def __init__(
        self,
        *,
        clock: Clock,
        extensions: Extensions,
        states: Callable[[], Mapping[str, BreakerState]],
        fault: Callable[[str, BaseException], None],
        dry: bool,
    ) -> None:
        """``states`` gives those of all breakers; ``fault`` hears of gauges that raise."""
        self._extensions = extensions
        self._states = states
        self._fault = fault
        self._loops = LoopLag()
        self._gauges: dict[str, Gauge] = {}
        if not dry:
            self._gauges = {"loop_lag": self._loops.gauge, **ProcessGauges(clock.monotonic).gauges()}

    def metrics_of(self, policy: Policy, before: MetricSet | None) -> MetricSet:
        """Return the counters of a policy; those that the one ``before`` it needed too go on."""
        metrics = MetricSet(policy.metrics, on_fault=self._fault)
        if before is not None:
            metrics.carry_over(before)
        self._extensions.supply(metrics, policy.plugins)
        metrics.supply("open_breakers", open_breakers(self._states))
        for name, gauge in self._gauges.items():
            metrics.supply(name, gauge)
        return metrics

    def supply(self, name: str, gauge: Gauge, metrics: MetricSet) -> None:
        """Let ``gauge`` give the values of a metric, in ``metrics`` and in every set after it."""
        self._gauges = {**self._gauges, name: gauge}
        metrics.supply(name, gauge)

    def follow_loop(self) -> Callable[[], None]:
        """Measure the asyncio loop that runs here, until it ends or the result is called.

        Raises:
            RuntimeError: no loop runs here.
        """
        from asyncio import get_running_loop  # here, because only a program that runs a loop should pay for it

        return self._loops.follow(get_running_loop())
