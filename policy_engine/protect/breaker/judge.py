"""What counts as a failure of a breaker's target: by the predicates that code or the engine gave, each isolated.

Cancellation, interrupts and exits are no failures of anything; nor is a refusal by a protection further in, where the
target was not even asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy_engine.errors import CallRefusedError
from policy_engine.protect.breaker.options import BreakerOptions
from policy_engine.protect.invocation import Registered, nothing_registered

Counts = Callable[[BaseException], bool]
CountsResult = Callable[[Any], bool]
Fault = Callable[[str, BaseException], None]


class Judge:
    """Tells failures of ``name``. A predicate that raises is reported: an error then counts, a result does not."""

    __slots__ = ("_counts", "_counts_result", "_fault", "_name", "_registered")

    def __init__(
        self,
        name: str,
        counts: Counts | None,
        counts_result: CountsResult | None,
        fault: Fault,
        registered: Registered = nothing_registered,
    ) -> None:
        self._name = name
        self._counts = counts
        self._counts_result = counts_result
        self._fault = fault
        self._registered = registered

    def looks_at_results(self, options: BreakerOptions) -> bool:
        """Whether a call that returned may have failed."""
        return self._counts_result is not None or options.failed_result is not None

    def counts(self, error: BaseException) -> bool:
        """Whether ``error`` is a failure of the target."""
        if not isinstance(error, Exception) or isinstance(error, CallRefusedError):
            return False
        if self._counts is None:
            return True
        try:
            return self._counts(error)
        except Exception as fault:  # noqa: BLE001  a broken predicate must not hide the caller's error
            self._fault(f'what counts for breaker "{self._name}"', fault)
            return True

    def counts_result(self, result: object, options: BreakerOptions) -> bool:
        """Whether ``result`` is a failure of the target; a policy's word goes before that of code."""
        try:
            if options.failed_result is not None:
                return options.failed_result.holds(result, self._registered)
            return self._counts_result is not None and self._counts_result(result)
        except Exception as fault:  # noqa: BLE001  a broken predicate must not cost the caller its result
            self._fault(f'which results count for breaker "{self._name}"', fault)
            return False
