"""Where a decorated function stands: may it run now, and what does a call give if not.

A gate is pushed, not asked: whenever the level moves, `GracefulDegradation` works out for each gate whether its
function simply runs (``plain``), so a call at its level costs one look at one attribute. Once a program has overridden
the level of a request, each call looks at `OVERRIDE` too. All else goes through `admit` and `fallback`. The live engine
is found at the first call, because decorators run when modules are imported.
"""

from __future__ import annotations

import copy
import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from enum import Enum
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from policy_engine.boundary import is_outermost
from policy_engine.callables import name_of
from policy_engine.degrade.last_good import LastGoodResults, arguments_of
from policy_engine.degrade.options import FunctionOptions, LastGood, Registered, Sample
from policy_engine.degrade.sampling import takes_key, takes_turn
from policy_engine.errors import CallRefusedError, DegradedError

if TYPE_CHECKING:
    from policy_engine.degrade.degradation import GracefulDegradation


OVERRIDE: ContextVar[tuple[GracefulDegradation, str] | None] = ContextVar("policy_engine_level", default=None)
"""The level that the code here runs at whatever the service's is, and whose levels these are."""


class Host(Protocol):
    """What a decorated function needs of the live engine."""

    @property
    def degradation(self) -> GracefulDegradation:
        """The levels."""

    def report(self, error: Exception, module: str, function: str) -> object:
        """Handle what left the outermost protection, once; never raises."""

    def registered(self, name: str) -> Callable[..., object]:
        """Return the callable that the program registered under a name; raises `UnknownNameError`."""


class Tier(Enum):
    """How much depends on a function."""

    DEGRADABLE = "degradable"
    """Runs where the policy says, by its name."""
    CRITICAL = "critical"
    """Runs at every level but the worst."""
    EMERGENCY = "emergency"
    """Runs at every level."""


class Gate:
    """One decorated function before the live engine."""

    def __init__(
        self, function: Callable[..., Any], host: Callable[[], Host], tier: Tier, *, name: str = "", component: str = ""
    ) -> None:
        self.module, self.function_name = name_of(function)
        self.name = name or self.function_name
        self.tier = tier
        self.component = component
        self.plain = False
        self.plain_without_override = False
        self.degradation: GracefulDegradation | None = None
        self.runs_at: frozenset[int] = frozenset()
        self._sampled_at: frozenset[int] = frozenset()
        self._options = FunctionOptions()
        self._function = function
        self._host = host
        self._signature: inspect.Signature | None = None
        self._turns = itertools.count(1)
        self._results = LastGoodResults()

    @property
    def keeps_results(self) -> bool:
        """Whether the fallback is the last good result."""
        return isinstance(self._options.fallback, LastGood)

    def adopt(self, functions: Mapping[str, FunctionOptions], levels: Sequence[str]) -> None:
        """Follow a policy: at which positions the function runs, and at which a sample of its calls does."""
        options = functions.get(self.name) if self.tier is Tier.DEGRADABLE else None
        self._options = options or FunctionOptions()
        everywhere = frozenset(range(len(levels)))
        self.runs_at = everywhere
        if self.tier is Tier.CRITICAL and len(levels) > 1:
            self.runs_at = everywhere - {len(levels) - 1}
        elif self._options.runs_at is not None:
            self.runs_at = _positions(self._options.runs_at, levels)
        sample = self._options.sample
        listed = sample.levels if sample is not None else frozenset()
        self._sampled_at = everywhere if listed is None else _positions(listed, levels)

    def admit(self, args: Sequence[object], kwargs: Mapping[str, object]) -> DegradedError | None:
        """Return the refusal of a call with these arguments; ``None`` where it may run."""
        degradation = self._live()
        position = degradation.position(self.component)
        if position in self.runs_at:
            return None
        sample = self._options.sample
        if sample is not None and position in self._sampled_at and self._takes(sample, args, kwargs):
            return None
        return degradation.refusal(self.name, self.component)

    def fallback(self, refusal: DegradedError, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
        """Return what a refused call gives; raises ``refusal`` where the policy names nothing."""
        fallback = self._options.fallback
        if fallback is None:
            raise refusal
        if isinstance(fallback, Registered):
            return self._host().registered(fallback.name)(*args, **kwargs)
        if isinstance(fallback, LastGood):
            found = self._results.find(arguments_of(args, kwargs), max_age=fallback.max_age, now=self._live().now())
            if found is None:
                raise refusal
            return found[0]
        # A caller may change the list or table that it gets; the policy's own stays as it is.
        return copy.deepcopy(fallback.value)

    def keep(self, args: Sequence[object], kwargs: Mapping[str, object], result: object) -> None:
        """Remember a result, where the fallback is the last good one."""
        if self.keeps_results:
            self._results.store(arguments_of(args, kwargs), result, self._live().now())

    def failed(self, error: Exception, wrapper: FrameType) -> None:
        """Report ``error``, which leaves the wrapper that runs in this frame, unless a protection around it will."""
        if not isinstance(error, CallRefusedError) and is_outermost(wrapper):
            self._host().report(error, self.module, self.function_name)

    def _live(self) -> GracefulDegradation:
        degradation = self.degradation
        if degradation is None:
            degradation = self._host().degradation
            degradation.attach(self)
        return degradation

    def _takes(self, sample: Sample, args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
        key = None if sample.key is None else self._argument(sample.key, args, kwargs)
        if key is None:
            return takes_turn(sample.share, next(self._turns))
        return takes_key(sample.share, self.name, key)

    def _argument(self, name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        if name in kwargs:
            return kwargs[name]
        if self._signature is None:
            self._signature = inspect.signature(self._function)
        try:
            bound = self._signature.bind_partial(*args, **kwargs)
        except TypeError:
            # The arguments do not fit the function: the call itself will say so.
            return None
        bound.apply_defaults()
        return bound.arguments.get(name)


def _positions(names: frozenset[str], levels: Sequence[str]) -> frozenset[int]:
    return frozenset(position for position, level in enumerate(levels) if level in names)
