"""Options that cannot work are refused in words that say which, and what is allowed."""

import pytest

from policy_engine.protect import BudgetOptions, BulkheadOptions, LimiterOptions, RetryOptions


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LimiterOptions(0, 1.0), "rate_limit: calls and burst must be whole numbers, 1 or more"),
        (lambda: LimiterOptions(1, 1.0, burst=0), "rate_limit: calls and burst must be whole numbers, 1 or more"),
        (lambda: LimiterOptions(1, 0.0), "rate_limit: per must be above 0, wait 0 or more"),
        (lambda: LimiterOptions(1, 1.0, wait=-1.0), "rate_limit: per must be above 0, wait 0 or more"),
        (lambda: BulkheadOptions(0), "bulkhead: concurrent must be 1 or more, queued 0 or more"),
        (lambda: BulkheadOptions(1, -1), "bulkhead: concurrent must be 1 or more, queued 0 or more"),
        (lambda: BulkheadOptions(1, 1, 0.0), "bulkhead: wait must be above 0"),
        (lambda: RetryOptions(attempts=0), "attempts is 0: it must be 1 or more"),
        (lambda: RetryOptions(deadline=0.0), "deadline is 0.0: it must be above 0"),
        (lambda: BudgetOptions(0), "budget.tokens is 0: it must be 1 or more"),
        (lambda: BudgetOptions(1, 1.5), "budget.per_success is 1.5: it must be from 0 to tokens"),
    ],
)
def test_what_cannot_work_is_told_with_what_is_allowed(make, message):
    with pytest.raises(ValueError) as refusal:
        make()
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "make",
    [
        lambda: LimiterOptions(1, 0.001, burst=1, wait=0.0),
        lambda: BulkheadOptions(1, 0, 0.001),
        lambda: RetryOptions(attempts=1, deadline=0.001),
        lambda: BudgetOptions(1, 0.0),
        lambda: BudgetOptions(1, 1.0),
    ],
)
def test_the_least_that_can_work_is_accepted(make):
    make()
