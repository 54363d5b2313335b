"""Where the mechanisms meet: an error goes through all of them, and what they decide is applied and published.

Live, in replay and in policy tests this same code runs; only the clock, its timers and its workers are others.
Rules: `handle` never raises an ordinary exception and never blocks; the hot path reads one reference to what is active;
no lock is held while foreign code runs; an error inside error handling is counted and reported, never recursed into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from policy_engine.bookkeeping import Bookkeeping
from policy_engine.called import FailedCall, note, noted
from policy_engine.capture import capture, fingerprint, message_of
from policy_engine.classify import adjusted_severity, holds_now
from policy_engine.clock import Clock, SystemClock
from policy_engine.compile import Bounds, Policy, load_policy, load_policy_layers
from policy_engine.degrade import FunctionDecorators, GracefulDegradation
from policy_engine.errors import CallRefusedError, DiagnosticLike
from policy_engine.events import EventBus, Subscriber
from policy_engine.extensions import Extensions
from policy_engine.forks import ForkSafeLock
from policy_engine.handled import mark, seen
from policy_engine.ids import new_id
from policy_engine.measuring import Measuring
from policy_engine.metrics import Gauge, Metric, MetricSet
from policy_engine.model import (
    BreakerChanged,
    ErrorHandled,
    ErrorInfo,
    Event,
    Occurrence,
    RecoveryChanged,
    RecoveryStatus,
    ShadowDecision,
)
from policy_engine.observe import AlertRouter, Statistics, question
from policy_engine.ports import EnginePorts
from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig, Outcome, ProtectedBlock, Protection
from policy_engine.protections import Protections
from policy_engine.recover import Recovery, RecoveryManager, Script, all_succeed, await_recovery, wait_for_recovery
from policy_engine.registry import Registry
from policy_engine.reloading import PolicyChanges
from policy_engine.sealing import as_recovered, bare_info, scrub, seal
from policy_engine.shadow import Shadow
from policy_engine.status import PolicyStatus
from policy_engine.store import Store
from policy_engine.watching import PolicyWatch

if TYPE_CHECKING:
    from policy_engine.classify.explanation import Explanation


class _Active(NamedTuple):
    """What one policy needs at run time; replaced as a whole by a reload."""

    policy: Policy
    metrics: MetricSet


class Engine:
    """Runs a policy over the errors and calls of one service."""

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        dry: bool = False,
        script: Script = all_succeed,
    ) -> None:
        """Run ``policy``, or the shipped one.

        ``dry`` decides and reports everything, but runs no action: ``script`` says how each one would have gone.
        """
        policy = load_policy() if policy is None else policy
        if not isinstance(policy, Policy):
            raise TypeError(f"Engine takes a Policy, not {type(policy).__name__}: use Engine.from_path for a path")
        bounds = policy.bounds
        self.clock: Clock = self._own_clock(bounds) if clock is None else clock
        self._random = Random() if random is None else random  # noqa: S311  ids and jitter, no secrets
        self._lock = ForkSafeLock()
        self._bus = EventBus(self.clock.time, lambda text: self.policy.scrubber.text(text))
        self._registry = Registry()
        self._statistics = Statistics(labels=bounds.labels, fingerprints=bounds.fingerprints)
        self._extensions = Extensions(clock=self.clock, bus=self._bus, dry=dry)
        self._measuring = Measuring(
            clock=self.clock,
            extensions=self._extensions,
            states=lambda: self._protections.states(),
            fault=self._bus.fault,
            dry=dry,
        )
        self._books = Bookkeeping(policy, clock=self.clock, fault=self._bus.fault, dry=dry)
        self._active = _Active(policy, self._measuring.metrics_of(policy, None))
        self._protections = Protections(self, self._random)
        self.degradation = GracefulDegradation(
            policy.degradation,
            clock=self.clock,
            read_all=self._read_metrics,
            publish=self._bus.publish,
            history=bounds.history,
            scrub=lambda text: self.policy.scrubber.text(text),
        )
        self._alerts = AlertRouter(
            policy.alerts,
            clock=self.clock,
            publish=self._bus.publish,
            fault=self._bus.fault,
            queue=bounds.queue,
            dry=dry,
        )
        self.recovery_manager = self._recoveries(policy, dry=dry, script=script)
        self._shadow = Shadow(
            policy,
            clock=self.clock,
            random=self._random,
            ports=EnginePorts(self, self._alerts),
            read_all=self._read_metrics,
            publish=self._bus.publish,
            fault=self._bus.fault,
            describe=self._scrubbed_text,
        )
        self._changes = PolicyChanges(self, self.clock.time, dry=dry)
        self._bus.react(self._follow)
        if not dry:  # what a replay or a test has to say, its own counts say
            self._bus.subscribe(self._books.take)
        self._extensions.adopt(policy)
        decorators = FunctionDecorators(lambda: self)
        self.critical_function = decorators.critical_function
        self.emergency_function = decorators.emergency_function
        self.degradable = decorators.degradable

    def _own_clock(self, bounds: Bounds) -> SystemClock:
        clock = SystemClock(workers=bounds.workers, queue=bounds.queue)
        clock.on_fault = self.fault
        return clock

    def _recoveries(self, policy: Policy, *, dry: bool, script: Script) -> RecoveryManager:
        return RecoveryManager(
            policy.recovery,
            clock=self.clock,
            random=self._random,
            ports=EnginePorts(self, self._alerts),
            publish=self._bus.publish,
            fault=self._bus.fault,
            describe=self._scrubbed_text,
            dry=dry,
            script=script,
            max_history=policy.bounds.history,
            max_waiting=policy.bounds.queue,
        )

    @classmethod
    def from_path(cls, *paths: str | Path, clock: Clock | None = None, random: Random | None = None) -> Engine:
        """Load the policy in ``paths``, each a layer over those before it, and run it.

        Raises:
            PolicyError: something in it is wrong; ``.diagnostics`` holds every finding.
        """
        return cls(load_policy_layers(paths), clock=clock, random=random)

    @property
    def policy(self) -> Policy:
        """The policy that is active now."""
        return self._active.policy

    @property
    def policy_status(self) -> PolicyStatus:
        """Since when the active policy runs, and what became of the last attempt to change it."""
        return self._changes.status

    # An error's way

    def handle(
        self,
        exception: BaseException,
        *,
        module: str = "",
        function: str = "",
        context: Mapping[str, object] | None = None,
        wait: bool = False,
    ) -> ErrorInfo:
        """Classify, count and report an error, and start what the policy says.

        An exception that was handled on its way here is not counted again: its first `ErrorInfo` is returned. With
        ``wait`` the call blocks until the recovery that it started, or joined, has ended.
        """
        info = self._handled(exception, module, function, context)
        if not wait or info.recovery_id is None:
            return info
        return as_recovered(info, wait_for_recovery(self.recovery_manager, info.recovery_id, self.clock))

    async def ahandle(
        self,
        exception: BaseException,
        *,
        module: str = "",
        function: str = "",
        context: Mapping[str, object] | None = None,
    ) -> ErrorInfo:
        """Handle an error, and await the end of the recovery that it started or joined."""
        info = self.handle(exception, module=module, function=function, context=context)
        if info.recovery_id is None:
            return info
        return as_recovered(info, await await_recovery(self.recovery_manager, info.recovery_id))

    def recovery(self, recovery_id: str) -> Recovery | None:
        """Return how a recovery stands; ``None`` where it is unknown, or so old that the history dropped it."""
        return self.recovery_manager.recovery(recovery_id)

    def _handled(
        self, exception: BaseException, module: str, function: str, context: Mapping[str, object] | None
    ) -> ErrorInfo:
        started = self.clock.monotonic()
        active = self._active
        try:
            info = seen(exception, self)
            if info is not None:
                return info
            occurrence = capture(
                exception, module=module, function=function, context=context, limits=active.policy.limits
            )
            occurrence.time = self.clock.time()
            call = noted(exception)
            if call is not None:
                occurrence.call, occurrence.call_seconds, occurrence.retries = call
            info = self._pass_through(active, occurrence, started, exception)
            self.tell_faults(occurrence)
            mark(exception, self, info)
        except Exception as fault:  # noqa: BLE001  whatever is wrong in here, the caller has an error of its own
            self._bus.fault("handling an error", fault)
            return bare_info(exception, self.clock.time())
        return info

    def report(self, error: BaseException, module: str, function: str) -> ErrorInfo | None:
        """Handle what left a protection; a refusal is an outcome of a call, and no error."""
        if isinstance(error, CallRefusedError):
            return None
        return self.handle(error, module=module, function=function)

    def process(self, occurrence: Occurrence) -> ErrorInfo:
        """Send an error that was captured or recorded elsewhere the same way; one without a time is judged alone.

        Raises:
            Exception: a fault of the engine itself; unlike `handle`, this is no place to hide one.
        """
        info = self._pass_through(self._active, occurrence, self.clock.monotonic())
        self.tell_faults(occurrence)
        return info

    def explain(self, error: BaseException | Occurrence) -> Explanation:
        """Explain what the policy makes of an error, and why; counts nothing and changes nothing.

        Of an exception that was handled, the severity is the one it got; of another one, the one it would get now.

        Raises:
            TypeError: ``error`` is no exception.
        """
        if not isinstance(error, BaseException | Occurrence):
            raise TypeError(f"explain takes an exception, not {type(error).__name__}")
        from policy_engine.classify.explanation import explain_classification  # no service needs it at its start

        policy, metrics = self._active
        parts = policy.classifier, policy.document.origin, policy.adjustments
        if isinstance(error, Occurrence):
            scrub(error, policy.scrubber)
            return explain_classification(error, *parts)
        occurrence, info = capture(error, limits=policy.limits), seen(error, self)
        self._clean(occurrence, error, policy)
        if info is not None:
            return explain_classification(occurrence, *parts, lambda adjustment: adjustment.name in info.adjusted_by)
        read = partial(metrics.read, now=self.clock.monotonic())
        return explain_classification(occurrence, *parts, lambda adjustment: holds_now(adjustment, occurrence, read))

    def _clean(self, occurrence: Occurrence, exception: BaseException, policy: Policy) -> None:
        """Scrub what an exception brings, and what enrichers add to it."""
        as_given = occurrence.context
        scrub(occurrence, policy.scrubber)
        if policy.plugins.enrichers:
            level = self.degradation.current_level
            info = seal(occurrence, level=level, recovery_status=None, recovery_id=None, handling_seconds=0.0)
            added = self._extensions.enrich(policy.plugins, info, exception)
            if added:
                # The error's own come first and win: they are what a full context keeps.
                occurrence.context = policy.scrubber.mapping({**as_given, **added, **as_given})

    def _pass_through(
        self, active: _Active, occurrence: Occurrence, started: float, exception: BaseException | None = None
    ) -> ErrorInfo:
        policy = active.policy
        if exception is None:
            scrub(occurrence, policy.scrubber)
        else:
            self._clean(occurrence, exception, policy)
        verdict = policy.classifier.classify(occurrence)
        occurrence.category, occurrence.severity, occurrence.retryable, occurrence.tags, occurrence.rule = verdict
        occurrence.fingerprint = fingerprint(occurrence)
        if not occurrence.id:
            occurrence.id = new_id(occurrence.time, self._random)
        timed = occurrence.time is not None
        touched: Collection[Metric] = ()
        if policy.adjustments:
            occurrence.severity = adjusted_severity(
                occurrence, policy.adjustments, partial(active.metrics.read, now=started) if timed else None
            )
        if timed:
            touched = active.metrics.error_handled(occurrence, started)
            if touched:
                self._books.error_counted(occurrence)
                self.degradation.evaluate(touched)
        plan = self.recovery_manager.plan(occurrence, policy.recovery) if timed and not occurrence.refusal else None
        info = seal(
            occurrence,
            level=self.degradation.current_level,
            recovery_status=None if plan is None else plan.status,
            recovery_id=None if plan is None else plan.recovery_id,
            handling_seconds=self.clock.monotonic() - started,
        )
        if plan is not None:
            # At once: a plan has taken its target, and nothing may come between.
            self.recovery_manager.start(plan, info)
        if policy.watched is not None:
            self._shadow.error_handled(policy.watched, occurrence, info, touched)
        if occurrence.refusal:
            self._statistics.refusal_handled()
            return info
        self._statistics.error_handled(info, started)
        self._alerts.error_handled(occurrence, info, policy.alerts)
        self._bus.publish(ErrorHandled(info))
        return info

    # Protections

    def breaker(
        self, name: str, config: CircuitBreakerConfig | None = None, *, value: object = None
    ) -> CircuitBreaker:
        """Return the circuit breaker ``name``, the same at every call, made with the defaults where no policy has it.

        The policy's entry wins over ``config``; where they differ, a `SettingOverruled` event says so. Where the policy
        gives it a ``key``, this is the one that calls without a value share, or that of ``value``.
        """
        return self._protections.breaker(name, config, value=value)

    def breakers(self, name: str) -> tuple[CircuitBreaker, ...]:
        """Return the circuit breaker ``name``; where the policy gives it a ``key``, those of all values so far."""
        return self._protections.breakers(name)

    def protect(self, name: str) -> Protection:
        """Return what ``[calls.NAME]`` says, to decorate a function with or to make a call through.

        Raises:
            UnknownNameError: no policy defines it; nothing runs unprotected by mistake.
        """
        return self._protections.protection(name)

    def call(self, name: str) -> ProtectedBlock:
        """Return a ``with`` or ``async with`` block protected as ``[calls.NAME]`` says; raises as `protect`."""
        return self._protections.protection(name).block()

    def register(self, name: str, function: Callable[..., object]) -> None:
        """Let policies call ``function`` by ``name``: as a fallback, or as a step of a recovery."""
        self._registry.put(name, function)

    def registered(self, name: str) -> Callable[..., object]:
        """Return what the program registered under ``name``.

        Raises:
            UnknownNameError: nothing.
        """
        return self._registry.get(name)

    def supply(self, name: str, gauge: Gauge) -> None:
        """Let ``gauge`` give the values of the metric ``name``, which policies may then compare: ``"shop.queue"``.

        It is called with the metric, whose filters are in ``metric.filter_table()``, often and from any thread, and
        returns a number, or ``None`` where there is no data.
        """
        with self._lock:
            self._measuring.supply(name, gauge, self._active.metrics)

    def follow_loop(self) -> Callable[[], None]:
        """Measure the metric ``loop_lag`` on the asyncio loop that runs here, until it ends or the result is called.

        Raises:
            RuntimeError: no loop runs here.
        """
        return self._measuring.follow_loop()

    def level(self, component: str = "") -> str:
        """Return the level that code here runs at: the service's, or that of one of its components."""
        return self.degradation.level(component)

    def require(self, lowest_level: str, component: str = "") -> AbstractContextManager[None]:
        """Return a block that runs at ``lowest_level`` or better, and raises `DegradedError` at any other."""
        return self.degradation.require(lowest_level, component)

    # What people ask

    @property
    def store(self) -> Store | None:
        """Where errors are kept; ``None`` where the policy has no ``[store]``."""
        return self._books.store

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every event from now on, on the thread that caused it; the result ends that."""
        return self._bus.subscribe(subscriber)

    def statistics(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        by: str = "category",
        per: str | None = None,
        **where: str,
    ) -> dict[str, Any]:
        """Return all counts as plain JSON-ready data; with ``since``, those of a stretch of time.

        ``since`` and ``until`` are how long ago (``"1h"``) or when (``"2026-03-01T12:00"``, UTC). Errors are grouped
        ``by`` category, severity, module, rule, type or fingerprint, counted ``per`` minute, hour or day as well where
        that is asked, and selected by the same labels: ``statistics(since="7d", by="rule", category="DATABASE")``.

        Raises:
            ValueError: it is no time, there is no such label, or there are other words and no ``since``.
            StoreError: the store that the policy names cannot be asked.
        """
        if since is None and (until, by, per, where) == (None, "category", None, {}):
            return self._counts_of_everything()
        if since is None:
            raise ValueError('say since when: statistics(since="1h", ...)')
        asked = question(now=self.clock.time(), since=since, until=until, by=by, per=per, **where)
        return self._books.answer(asked)

    def _counts_of_everything(self) -> dict[str, Any]:
        recoveries = self.recovery_manager.statistics()
        return {
            **self._statistics.snapshot(self.clock.monotonic(), active_for=self.policy.bounds.active_for),
            "level": self.degradation.current_level,
            "level_history": [entry.to_dict() for entry in self.degradation.history],
            "breakers": self._protections.statistics(),
            "breakers_forgotten": self._protections.forgotten,
            "recoveries": recoveries,
            "recovery_success_rate": recoveries["success_rate"],
            "recoveries_in_progress": [recovery.to_dict() for recovery in self.recovery_manager.active],
            "policy": self.policy_status.to_dict(),
            "shadow": self._shadow.statistics(),
            "alerts_dropped": self._alerts.dropped,
            "alerts_failed": self._alerts.failed,
            "exporters": self._extensions.statistics(),
            "store": self._books.statistics(),
            "engine_faults": self._bus.faults,
        }

    def reset_statistics(self) -> None:
        """Set all counts to zero; levels, breakers and recoveries under way stay as they are."""
        self._statistics.reset()
        self.recovery_manager.reset_statistics()
        self._shadow.reset_statistics()
        self._bus.faults = 0

    def adopt(self, policy: Policy) -> None:
        """Run another policy from now on; what did not change in definition keeps its state.

        Raises:
            PolicyError: it has no ``[calls]`` table for a call that code has protected: each such call would fail.
        """
        self._changes.adopt(policy)

    def reload(self) -> PolicyStatus:
        """Load the active policy's files again and run what they say; a policy with an error is refused as a whole.

        The last good one then stays, and the findings are in the status that is returned, in `policy_status` and in a
        `PolicyChanged` event. Code of plugins that do not run already is never loaded.
        """
        return self._changes.reload()

    def refuse(self, diagnostics: tuple[DiagnosticLike, ...]) -> None:
        """Note that another policy was refused, and tell the subscribers; the active one stays."""
        self._changes.refuse(diagnostics)

    def watch(self) -> PolicyWatch:
        """Reload whenever the policy's files change, until the watch is stopped; needs the extra ``watch``.

        Raises:
            ImportError: the extra is not installed.
            UnknownNameError: the shipped policy runs, which has no files of its own.
        """
        return self._changes.watch()

    # Between the mechanisms

    def missing_from(self, policy: Policy) -> tuple[DiagnosticLike, ...]:
        """What code has protected and ``policy`` does not define; for the engine's own parts."""
        return self._protections.missing_from(policy)

    def activate(self, policy: Policy) -> None:
        """Read ``policy`` from now on; for the engine's own parts, one at a time."""
        with self._lock:  # a gauge that is supplied at this moment must not be lost
            self._active = _Active(policy, self._measuring.metrics_of(policy, self._active.metrics))

    def follow(self, policy: Policy) -> None:
        """Bring the mechanisms to ``policy``; for the engine's own parts, one at a time."""
        self.degradation.adopt(policy.degradation)
        self.recovery_manager.adopt(policy.recovery)
        self._alerts.adopt(policy.alerts)
        self._shadow.adopt(policy)
        self._protections.adopt()
        self._extensions.adopt(policy)
        self._books.adopt(policy)

    def publish(self, event: Event) -> None:
        """Tell the subscribers; for the engine's own parts."""
        self._bus.publish(event)

    def fault(self, where: str, error: BaseException) -> None:
        """Report that error handling itself met an error; for the engine's own parts."""
        self._bus.fault(where, error)

    def tell_faults(self, occurrence: Occurrence) -> None:
        """Report what plugins' matchers raised over an error; for the engine's own parts."""
        for where, error in occurrence.faults:
            self._bus.fault(where, error)

    def call_finished(self, breaker: str, outcome: Outcome) -> None:
        """Count a protected call, and note what it cost on its error; for the engine's own parts."""
        call, seconds, failed, slow, retries, error = outcome
        if error is not None:
            note(error, FailedCall(call, seconds, retries))
        metrics = self._active.metrics
        if metrics.counts_calls:
            now = self.clock.monotonic()
            metrics.call_finished(call, seconds, failed=failed, slow=slow, now=now, breaker=breaker)
        self._books.call_finished(outcome)

    def call_refused(self, call: str) -> None:
        """Count a call that a protection refused; for the engine's own parts."""
        self._books.call_refused(call)

    def _read_metrics(self, metrics: Collection[Metric]) -> Mapping[Metric, float | None]:
        return self._active.metrics.read_all(metrics, self.clock.monotonic())

    def _follow(self, event: Event) -> None:
        """Let what one mechanism did count for the others."""
        if isinstance(event, BreakerChanged):
            self.degradation.evaluate(())
            self._shadow.evaluate()
        elif isinstance(event, ShadowDecision):
            self._shadow.count(event)
        elif isinstance(event, RecoveryChanged) and event.status in (RecoveryStatus.FAILED, RecoveryStatus.EXHAUSTED):
            self._active.metrics.recovery_failed(event.strategy, self.clock.monotonic())
            self.degradation.evaluate(())
            self._shadow.evaluate()

    def _scrubbed_text(self, error: BaseException) -> str:
        name, message = type(error).__qualname__, message_of(error)
        return self.policy.scrubber.text(f"{name}: {message}" if message else name)
