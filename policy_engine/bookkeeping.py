"""What an engine keeps of what happened: counts over time, and the store where the policy has one.

A subscriber of the engine's events, and the listener of its calls: it hears of everything, decides nothing, and says
what later consequences are charged to. Without a store the counts are the process's own; with one, all go there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from policy_engine.clock import Clock
from policy_engine.compile import Policy
from policy_engine.metrics.costs import Cost, Series, series_of
from policy_engine.model import (
    AlertSent,
    BreakerChanged,
    ErrorHandled,
    ErrorInfo,
    Event,
    LevelChanged,
    Occurrence,
    PolicyChanged,
    RecoveryChanged,
    RecoveryStatus,
)
from policy_engine.observe import Charge, Impact, LiveCounts, Question, answer
from policy_engine.protect import Outcome
from policy_engine.store import Backend, Change, RecoveryRow, Store, StoreKind, StoreOptions, WaitingBounds


class Counts(Protocol):
    """Where everything is added up."""

    def error_handled(self, info: ErrorInfo, series: Series, time: float) -> None:
        """Count an error."""

    def charge(self, series: Series, time: float, cost: Cost) -> None:
        """Add what errors handled before have cost since."""

    def call_finished(self, call: str, time: float, seconds: float, *, failed: bool, slow: bool) -> None:
        """Count a call that was made."""

    def call_refused(self, call: str, time: float) -> None:
        """Count a call that a protection refused."""

    def recovered(self, strategy: str, time: float, seconds: float) -> None:
        """Count a recovery that succeeded, ``seconds`` after its error."""


class Bookkeeping:
    """The books of one engine."""

    def __init__(
        self, policy: Policy, *, clock: Clock, fault: Callable[[str, BaseException], None], dry: bool = False
    ) -> None:
        """``dry``: nothing is stored, for what happens in a replay or a test did not happen to this service."""
        self._clock = clock
        self._fault = fault
        self._dry = dry
        bounds = policy.bounds
        self._live = LiveCounts(kinds=bounds.fingerprints, entries=10 * bounds.fingerprints, labels=bounds.labels)
        self._impact = Impact(policy.degradation.levels[0], bound=bounds.history)
        self.store: Store | None = None
        self._counts: Counts = self._live
        self.adopt(policy)

    def adopt(self, policy: Policy) -> None:
        """Keep what this policy says, where it says."""
        self._impact.best_level = policy.degradation.levels[0]
        before = self.store
        if before is not None and before.is_at(policy.store):
            before.options = policy.store
            return
        self.store = None if self._dry or policy.store.kind is StoreKind.OFF else self._opened(policy)
        self._counts = self._live if self.store is None else self.store
        if before is not None:
            before.close()

    def _opened(self, policy: Policy) -> Store:
        bounds = policy.bounds
        return Store(
            policy.store,
            bounds=WaitingBounds(
                errors=bounds.queue, alike=bounds.stored_alike, kinds=bounds.fingerprints, changes=bounds.history
            ),
            clock=self._clock,
            fault=self._fault,
            open_backend=open_backend,
        )

    # What happens

    def error_counted(self, occurrence: Occurrence) -> None:
        """Take note of an error before its triggers are evaluated."""
        self._impact.error_counted(series_of(occurrence))

    def take(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, ErrorHandled):
            self._error(event.info)
        elif isinstance(event, RecoveryChanged):
            self._recovery(event)
        elif isinstance(event, LevelChanged):
            self._charge(self._impact.level_changed(event), event.time)
            self._changed("level", event.component, event.before, event.after, event.reason, event.time)
        elif isinstance(event, BreakerChanged):
            self._changed("breaker", event.breaker, event.before, event.after, event.reason, event.time)
        elif isinstance(event, AlertSent):
            kind = "" if event.info is None else event.info.fingerprint
            self._changed("alert", event.route, "", event.channel, event.text, event.time, kind)
        elif isinstance(event, PolicyChanged):
            after = "active" if event.active else "refused"
            self._changed("policy", "", "", after, "; ".join(map(str, event.diagnostics)), event.time)

    def call_finished(self, outcome: Outcome) -> None:
        """Count a call that was made."""
        call, seconds, failed, slow, _, _ = outcome
        self._counts.call_finished(call, self._clock.time(), seconds, failed=failed, slow=slow)

    def call_refused(self, call: str) -> None:
        """Count a call that a protection refused, and charge it."""
        now = self._clock.time()
        self._counts.call_refused(call, now)
        self._charge(self._impact.call_refused(call), now)

    # What is asked

    def statistics(self) -> dict[str, Any] | None:
        """Return what became of what the store was handed, as plain JSON-ready data; ``None`` without a store."""
        store = self.store
        return None if store is None else store.statistics()

    def answer(self, asked: Question) -> dict[str, Any]:
        """Return what happened in a stretch of time.

        Raises:
            StoreError: the store cannot be asked.
        """
        now = self._clock.time()
        for charge in self._impact.degraded_until(now):
            self._charge(charge, now)
        store = self.store
        return answer(self._live if store is None else store.reader(), asked)

    def _error(self, info: ErrorInfo) -> None:
        if info.time is None:
            return
        series = series_of(info)
        ended = self._impact.error_handled(info, series, info.time)
        self._counts.error_handled(info, series, info.time)
        if ended is not None:
            self._recovery(ended)

    def _recovery(self, event: RecoveryChanged) -> None:
        store = self.store  # a reload on another thread may take it away
        if store is not None:
            store.recovery_changed(RecoveryRow(event, event.time, self._impact.fingerprint_of(event.recovery_id)))
        ended = self._impact.recovery_ended(event) if event.status.finished else None
        if ended is not None:
            charge, seconds = ended
            self._charge(charge, event.time)
            if event.status is RecoveryStatus.SUCCEEDED:
                self._counts.recovered(event.strategy, event.time, seconds)

    def _charge(self, charge: Charge | None, time: float) -> None:
        if charge is not None:
            self._counts.charge(charge.series, time, charge.cost)

    def _changed(
        self, what: str, name: str, before: str, after: str, reason: str, time: float, fingerprint: str = ""
    ) -> None:
        store = self.store
        if store is not None:
            store.changed(Change(time, what, name, before, after, reason, fingerprint))


def open_backend(options: StoreOptions) -> Backend:
    """Open the database that a policy names.

    Raises:
        StoreError: it cannot be opened.
    """
    from policy_engine.store.sqlite import MEMORY, SqliteBackend  # for who has a store: SQLite takes its time to load

    return SqliteBackend(MEMORY if options.kind is StoreKind.MEMORY else options.path)
