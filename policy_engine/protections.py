"""The breakers and protected calls of one engine: made when code asks for them, changed when a policy does.

Knows which options apply to a name, not how a protection works. A breaker that was handed out stays the same object
over every reload; the pipelines of calls are made once a policy. A call that no policy defines is refused, at each
call: nothing that asks for protection ever runs without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Protocol

from policy_engine.capture import capture
from policy_engine.clock import Clock
from policy_engine.compile import Policy
from policy_engine.errors import CallRefusedError, UnknownNameError
from policy_engine.forks import ForkSafeLock
from policy_engine.model import BreakerState, Event, Occurrence, SettingOverruled
from policy_engine.policy.diagnostics import Diagnostic, finding
from policy_engine.protect import (
    BreakerOptions,
    CircuitBreaker,
    CircuitBreakerConfig,
    KeyedBreakers,
    Outcome,
    Pipeline,
    Protection,
    options_of,
)


class Owner(Protocol):
    """What protections need of their engine."""

    clock: Clock

    @property
    def policy(self) -> Policy:
        """The policy that is active now."""

    def publish(self, event: Event) -> None:
        """Tell the subscribers."""

    def fault(self, where: str, error: BaseException) -> None:
        """Report that error handling itself met an error."""

    def tell_faults(self, occurrence: Occurrence) -> None:
        """Report what plugins' matchers raised over an error."""

    def report(self, error: BaseException, module: str, function: str) -> object:
        """Handle what left the outermost protection."""

    def call_finished(self, breaker: str, outcome: Outcome) -> None:
        """Count a call, and note what it cost on the error that it ended in."""

    def call_refused(self, call: str) -> None:
        """Count a call that a protection refused."""

    def registered(self, name: str) -> Callable[..., object]:
        """Return the callable that the program registered under a name."""


@dataclass(frozen=True, slots=True)
class _Pipelines:
    """The pipelines made for a policy so far, and those of the one before it, whose memory they take over."""

    policy: Policy
    current: dict[str, Pipeline]
    previous: dict[str, Pipeline]


class Protections:
    """All breakers and protected calls, by name."""

    def __init__(self, owner: Owner, random: Random) -> None:
        self._owner = owner
        self._random = random
        self._lock = ForkSafeLock()
        self._composing = ForkSafeLock()
        self._breakers: dict[str, CircuitBreaker] = {}
        self._keyed: dict[str, KeyedBreakers] = {}
        self._handed_out: set[str] = set()
        self._configs: dict[str, BreakerOptions] = {}
        self._pipelines = _Pipelines(owner.policy, {}, {})

    def breaker(
        self, name: str, config: CircuitBreakerConfig | None = None, *, value: object = None
    ) -> CircuitBreaker:
        """Return the breaker ``name``, the same at every call; the policy's entry wins over ``config``.

        Where the policy has one for each value of a key, that of ``value``.
        """
        if value is None or self._options(name).key is None:
            breaker = self._breakers.get(name) or self._made(name, config)
        else:
            breaker = self._family(self._owner.policy, name).get(value)
        if config is not None and options_of(config) != breaker.options:
            event = SettingOverruled(self._owner.clock.time(), name, str(config), str(breaker.options))
            self._owner.publish(event)
        return breaker

    def breakers(self, name: str) -> tuple[CircuitBreaker, ...]:
        """Return all breakers of ``name``: that of calls without a value, and those of the values of its key."""
        family = self._keyed.get(name)
        if family is None:
            return (self.breaker(name),)
        shared = self._breakers.get(name)
        return (*(() if shared is None else (shared,)), *family.snapshot().values())

    def protection(self, name: str) -> Protection:
        """Return what ``[calls.NAME]`` says.

        Raises:
            UnknownNameError: no policy defines it.
        """
        self._pipeline(name)
        self._handed_out.add(name)
        return Protection(name, partial(self._pipeline, name), self._owner.report, fault=self._owner.fault)

    def missing_from(self, policy: Policy) -> tuple[Diagnostic, ...]:
        """Return a finding for each call that code has protected and ``policy`` does not define."""
        file = policy.document.files[0].name if policy.document.files else ""
        return tuple(
            finding(
                "PE209",
                f'the running program protects calls of "{name}", and nothing defines [calls.{name}]',
                file=file,
                help=f"keep [calls.{name}]; an empty table protects with nothing",
            )
            for name in sorted(self._handed_out - policy.calls.keys())
        )

    def states(self) -> Mapping[str, BreakerState]:
        """Return the state of every breaker that code has asked for."""
        return {name: breaker.state for name, breaker in self._all()}

    def statistics(self) -> dict[str, Any]:
        """Return every breaker's numbers as plain JSON-ready data."""
        return {name: breaker.statistics().to_dict() for name, breaker in self._all()}

    @property
    def forgotten(self) -> int:
        """How many breakers were dropped because their key had more values than may be kept."""
        return sum(breakers.forgotten for breakers in self._keyed.copy().values())

    def adopt(self) -> None:
        """Give every breaker that was handed out its definition in the policy that is active now."""
        for name, breaker in self._breakers.copy().items():
            breaker.adopt(self._options(name))
        for name, breakers in self._keyed.copy().items():
            options = self._options(name)
            if options.key == breakers.options.key:
                breakers.adopt(options, bound=self._owner.policy.bounds.breakers)
            else:  # values of another key are no values of this one; calls under way end in what they began with
                self._keyed.pop(name, None)

    def _all(self) -> Iterator[tuple[str, CircuitBreaker]]:
        """Every breaker with its name; one for a key's value is called ``name[value]``."""
        yield from self._breakers.copy().items()
        for breakers in self._keyed.copy().values():
            for breaker in breakers.snapshot().values():
                yield breaker.name, breaker

    def _made(self, name: str, config: CircuitBreakerConfig | None) -> CircuitBreaker:
        with self._lock:
            breaker = self._breakers.get(name)
            if breaker is None:
                if config is not None:
                    self._configs[name] = options_of(config)
                breaker = self._breakers[name] = CircuitBreaker(
                    name,
                    self._options(name),
                    clock=self._owner.clock,
                    random=self._random,
                    publish=self._owner.publish,
                    counts=lambda error: self._counts(name, error),
                    fault=self._owner.fault,
                    registered=self._owner.registered,
                )
        return breaker

    def _options(self, name: str) -> BreakerOptions:
        defined = self._owner.policy.breakers
        return defined.get(name) or self._configs.get(name) or defined["default"]

    def _counts(self, name: str, error: BaseException) -> bool:
        """Whether an exception is a failure of the breaker's target: by its ``counts``, or any but a refusal."""
        policy = self._owner.policy
        matcher = policy.breaker_counts.get(name if name in policy.breakers else "default")
        if matcher is None:
            return not isinstance(error, CallRefusedError)
        occurrence = _classified(policy, error)
        counts = matcher(occurrence)
        self._owner.tell_faults(occurrence)
        return counts

    def _is_retryable(self, policy: Policy, error: BaseException) -> bool:
        occurrence = _classified(policy, error)
        self._owner.tell_faults(occurrence)
        return occurrence.retryable

    def _pipeline(self, name: str) -> Pipeline:
        made = self._pipelines
        if made.policy is self._owner.policy:
            pipeline = made.current.get(name)
            if pipeline is not None:
                return pipeline
        with self._composing:
            # Asked again under the lock: a pipeline that two threads made would count its places twice.
            policy, made = self._owner.policy, self._pipelines
            if made.policy is not policy:
                made = self._pipelines = _Pipelines(policy, {}, {**made.previous, **made.current})
            if name not in made.current:
                made.current[name] = self._composed(policy, name, made.previous.pop(name, None))
            return made.current[name]

    def _composed(self, policy: Policy, name: str, previous: Pipeline | None) -> Pipeline:
        options = policy.calls.get(name)
        if options is None:
            known = ", ".join(f'"{each}"' for each in sorted(policy.calls)) or "none"
            raise UnknownNameError(f'no policy defines [calls.{name}]: nothing protects "{name}" (defined: {known})')
        owner = self._owner
        return Pipeline(
            name,
            options,
            clock=owner.clock,
            random=self._random,
            breaker=None if options.breaker is None else self._chosen(policy, options.breaker),
            retryable=lambda error: self._is_retryable(policy, error),
            registered=owner.registered,
            on_outcome=_Outcomes(owner, options.breaker or ""),
            fault=owner.fault,
            previous=previous,
            abandoned=policy.bounds.abandoned_calls,
        )

    def _chosen(self, policy: Policy, name: str) -> CircuitBreaker | KeyedBreakers:
        """The breaker ``name``, or its family where the policy has one for each value of a context key."""
        return self.breaker(name) if self._options(name).key is None else self._family(policy, name)

    def _family(self, policy: Policy, name: str) -> KeyedBreakers:
        options = self._options(name)
        with self._lock:
            breakers = self._keyed.get(name)
            if breakers is None or breakers.options.key != options.key:
                breakers = self._keyed[name] = KeyedBreakers(
                    name,
                    options,
                    bound=policy.bounds.breakers,
                    clock=self._owner.clock,
                    random=self._random,
                    publish=self._owner.publish,
                    counts=lambda error: self._counts(name, error),
                    fault=self._owner.fault,
                    registered=self._owner.registered,
                    # The one that code may ask for by name: no other counts the calls without a value.
                    find_shared=lambda: self.breaker(name),
                )
        return breakers


class _Outcomes:
    """Tells the owner how each call of one target ended."""

    __slots__ = ("finished", "refused")

    def __init__(self, owner: Owner, breaker: str) -> None:
        # Attributes, for a method around each would cost every call more than what it does.
        self.finished = partial(owner.call_finished, breaker)
        self.refused = owner.call_refused


def _classified(policy: Policy, error: BaseException) -> Occurrence:
    """The exception as matchers see it, with what the policy makes of it; counts nothing."""
    occurrence = capture(error, limits=policy.limits)
    verdict = policy.classifier.classify(occurrence)
    occurrence.category, occurrence.severity, occurrence.retryable, occurrence.tags, occurrence.rule = verdict
    return occurrence
