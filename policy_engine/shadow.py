"""What entries with ``enforce = false`` would have done: the same mechanisms, beside the real ones and without effect.

Knows how each mechanism is run so that it only decides: a second classifier, a second service level that nobody asks,
recoveries and alerts that run dry. What they decide is published as `ShadowDecision` and counted by name. Breakers
bring their own twin, whose decisions are counted here too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from random import Random
from typing import TYPE_CHECKING

from policy_engine.classify import Classification
from policy_engine.clock import Clock
from policy_engine.degrade import GracefulDegradation
from policy_engine.forks import ForkSafeLock
from policy_engine.metrics import Metric
from policy_engine.model import (
    AlertSent,
    ErrorInfo,
    Event,
    LevelChanged,
    Occurrence,
    Ports,
    RecoveryChanged,
    RecoveryStatus,
    ShadowDecision,
)
from policy_engine.observe import AlertRouter
from policy_engine.recover import RecoveryManager

if TYPE_CHECKING:
    from policy_engine.compile import Policy
    from policy_engine.watched import WatchedPolicy

Publish = Callable[[Event], None]
Fault = Callable[[str, BaseException], None]
ReadAll = Callable[[Collection[Metric]], Mapping[Metric, float | None]]


class Shadow:
    """Runs what the active policy only watches; costs nothing where it watches nothing."""

    def __init__(
        self,
        policy: Policy,
        *,
        clock: Clock,
        random: Random,
        ports: Ports,
        read_all: ReadAll,
        publish: Publish,
        fault: Fault,
        describe: Callable[[BaseException], str],
    ) -> None:
        self._clock = clock
        self._random = random
        self._ports = ports
        self._read_all = read_all
        self._publish = publish
        self._fault = fault
        self._describe = describe
        self._lock = ForkSafeLock()
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._degradation: GracefulDegradation | None = None
        self._recoveries: RecoveryManager | None = None
        self._alerts: AlertRouter | None = None
        self.adopt(policy)

    def adopt(self, policy: Policy) -> None:
        """Watch what another policy says from now on; what it goes on watching keeps its state."""
        watched = policy.watched
        self._degradation = self._levels_of(watched, policy.bounds.history)
        self._recoveries = self._recoveries_of(watched, policy.bounds.history, policy.bounds.queue)
        if watched is None or watched.alerts is None:
            self._alerts = None
        elif self._alerts is None:
            self._alerts = AlertRouter(
                watched.alerts, clock=self._clock, publish=self._event, fault=self._fault, dry=True
            )
        else:
            self._alerts.adopt(watched.alerts)

    def error_handled(
        self, watched: WatchedPolicy, occurrence: Occurrence, info: ErrorInfo, touched: Collection[Metric]
    ) -> None:
        """Let everything that only watches have its say about an error that was handled."""
        if watched.classifier is not None:
            would = watched.classifier.classify(occurrence)
            if would.rule in watched.rules:
                self._decided("rule", str(would.rule), _in_words(would), info)
        if self._degradation is not None and touched:
            self._degradation.evaluate(touched)
        recoveries = self._recoveries
        if recoveries is not None and occurrence.time is not None and not occurrence.refusal:
            plan = recoveries.plan(occurrence)
            if plan is not None:
                recoveries.start(plan, info)
        if self._alerts is not None and watched.alerts is not None and not occurrence.refusal:
            self._alerts.error_handled(occurrence, info, watched.alerts)

    def evaluate(self) -> None:
        """Look at the triggers after something else than an error."""
        if self._degradation is not None:
            self._degradation.evaluate(())

    def count(self, decision: ShadowDecision) -> None:
        """Count what was published: a breaker's decision too."""
        with self._lock:
            self._counts[decision.kind][decision.name] += 1

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return how often each entry would have done something, by kind and name."""
        with self._lock:
            return {kind: dict(counts) for kind, counts in sorted(self._counts.items())}

    def reset_statistics(self) -> None:
        """Count from zero."""
        with self._lock:
            self._counts.clear()

    def _levels_of(self, watched: WatchedPolicy | None, history: int) -> GracefulDegradation | None:
        before = self._degradation
        if watched is None or watched.degradation is None:
            if before is not None:
                before.close()
            return None
        if before is not None:
            before.adopt(watched.degradation)
            return before
        return GracefulDegradation(
            watched.degradation, clock=self._clock, read_all=self._read_all, publish=self._event, history=history
        )

    def _recoveries_of(self, watched: WatchedPolicy | None, history: int, queue: int) -> RecoveryManager | None:
        if watched is None or watched.recovery is None:
            return None
        if self._recoveries is not None:
            self._recoveries.adopt(watched.recovery)
            return self._recoveries
        return RecoveryManager(
            watched.recovery,
            clock=self._clock,
            random=self._random,
            ports=self._ports,
            publish=self._event,
            fault=self._fault,
            describe=self._describe,
            dry=True,
            max_history=history,
            max_waiting=queue,
        )

    def _event(self, event: Event) -> None:
        """Turn what a mechanism says of itself into what it would have done."""
        if isinstance(event, LevelChanged):
            self._level_changed(event)
        elif isinstance(event, RecoveryChanged):
            if event.status is RecoveryStatus.WAITING:
                self._decided("strategy", event.strategy, "start a recovery", None, event.time)
        elif isinstance(event, AlertSent):
            self._decided("route", event.route, f"tell {event.channel}: {event.text}", event.info, event.time)

    def _level_changed(self, event: LevelChanged) -> None:
        levels = self._degradation.levels if self._degradation is not None else ()
        if event.after in levels and event.before in levels and levels.index(event.after) > levels.index(event.before):
            of = f"{event.component}: " if event.component else ""
            self._decided("trigger", event.cause, f"{of}level {event.before} -> {event.after}", None, event.time)

    def _decided(self, kind: str, name: str, would: str, info: ErrorInfo | None, time: float | None = None) -> None:
        self._publish(ShadowDecision(self._clock.time() if time is None else time, kind, name, would, info))


def _in_words(would: Classification) -> str:
    retryable = "retryable" if would.retryable else "not retryable"
    return f"{would.category} {would.severity.value}, {retryable}"
