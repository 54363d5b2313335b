"""What a target remembers over a reload: tokens, places, the retry budget, the last good results, its threads.

Each is taken over where its own definition did not change, and begins anew where it did. Threads that were left behind
run on whatever a policy says.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_engine.clock import Clock
from policy_engine.protect.bulkhead import BulkheadLayer
from policy_engine.protect.calls.options import CallOptions
from policy_engine.protect.fallback import LastGood, LastGoodResults
from policy_engine.protect.limiter import LimiterLayer
from policy_engine.protect.retry import Budget, BudgetOptions
from policy_engine.protect.timeout import CallThreads


@dataclass(frozen=True, slots=True)
class Memory:
    """The parts of a pipeline that have state of their own; ``None`` where its options name none."""

    options: CallOptions
    limiter: LimiterLayer | None
    bulkhead: BulkheadLayer | None
    budget: Budget | None
    results: LastGoodResults | None
    threads: CallThreads


def remember(name: str, options: CallOptions, clock: Clock, previous: Memory | None, *, abandoned: int) -> Memory:
    """Return the memory for ``options``: new, but for what ``previous`` had under the same definition.

    ``abandoned`` is how many calls may go on alone after their time.
    """
    threads = CallThreads(name, clock=clock, most=abandoned)
    before = previous or Memory(CallOptions(), None, None, None, None, threads)
    before.threads.most = abandoned
    limiter, bulkhead, budget, results = before.limiter, before.bulkhead, before.budget, before.results
    if options.rate_limit != before.options.rate_limit:
        limiter = None if options.rate_limit is None else LimiterLayer(name, options.rate_limit, clock=clock)
    if options.bulkhead != before.options.bulkhead:
        bulkhead = None if options.bulkhead is None else BulkheadLayer(name, options.bulkhead, clock=clock)
    if _budget(options) != _budget(before.options):
        wanted = _budget(options)
        budget = None if wanted is None else Budget(wanted)
    if options.fallback != before.options.fallback:
        results = LastGoodResults(options.fallback.age) if isinstance(options.fallback, LastGood) else None
    return Memory(options, limiter, bulkhead, budget, results, before.threads)


def _budget(options: CallOptions) -> BudgetOptions | None:
    return None if options.retry is None else options.retry.budget
