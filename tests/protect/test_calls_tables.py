"""Every word of a ``[calls.NAME]`` table, given and left out."""

import math

import pytest
from protect.call_makers import Flaky, a_protection

from policy_engine.backoff import Backoff, Growth, Jitter
from policy_engine.errors import UnknownNameError
from policy_engine.protect import (
    BudgetOptions,
    BulkheadOptions,
    CallOptions,
    FallbackFunction,
    LimiterOptions,
    RetryOptions,
    compile_calls,
)


def options(**table):
    return compile_calls({"api": table})["api"]


def test_a_table_says_all_that_code_may_say():
    assert options(
        fallback={"function": "cached"},
        rate_limit={"calls": 5, "per": "2s", "burst": 3, "wait": "250ms"},
        bulkhead={"concurrent": 4, "queued": 8, "wait": "3s"},
        breaker="other",
        retry={
            "attempts": 7,
            "deadline": "1m",
            "backoff": {"kind": "linear", "initial": "300ms", "max": "9s", "factor": 3, "jitter": "equal"},
            "longest_retry_after": "2m",
            "budget": {"tokens": 20, "per_success": 0.5},
        },
        timeout={"after": "4s", "on_thread": True},
    ) == CallOptions(
        fallback=FallbackFunction("cached"),
        rate_limit=LimiterOptions(calls=5, per=2.0, burst=3, wait=0.25),
        bulkhead=BulkheadOptions(concurrent=4, queued=8, wait=3.0),
        breaker="other",
        retry=RetryOptions(
            attempts=7,
            deadline=60.0,
            backoff=Backoff(kind=Growth.LINEAR, initial=0.3, maximum=9.0, factor=3.0, jitter=Jitter.EQUAL),
            longest_retry_after=120.0,
            budget=BudgetOptions(tokens=20, per_success=0.5),
        ),
        timeout=4.0,
        on_thread=True,
    )


@pytest.mark.parametrize(
    ("name", "table", "meant"),
    [
        ("rate_limit", {"calls": 5, "per": "2s"}, LimiterOptions(calls=5, per=2.0, burst=5, wait=0.0)),
        ("bulkhead", {"concurrent": 4}, BulkheadOptions(concurrent=4, queued=0, wait=math.inf)),
        (
            "retry",
            {},
            RetryOptions(3, None, Backoff(jitter=Jitter.FULL), longest_retry_after=60.0, budget=None),
        ),
        ("retry", {"backoff": {}}, RetryOptions(3, None, Backoff())),
        ("retry", {"backoff": {"jitter": "none"}}, RetryOptions(backoff=Backoff(jitter=Jitter.NONE))),
        ("retry", {"budget": {}}, RetryOptions(budget=BudgetOptions(tokens=10, per_success=0.1))),
        ("timeout", "4s", 4.0),
        ("timeout", {"after": "4s"}, 4.0),
    ],
)
def test_what_a_table_leaves_out_is_as_the_docs_say(name, table, meant):
    chosen = options(**{name: table})
    assert (getattr(chosen, name), chosen.on_thread) == (meant, False)


def test_a_function_that_nobody_registered_is_told_by_its_name():
    protection = a_protection(fallback=FallbackFunction("cached"))
    with pytest.raises(UnknownNameError, match=r'^no function is registered as "cached"$'):
        protection.call(Flaky(1))
