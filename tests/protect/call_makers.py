"""Small makers for the tests of protected calls."""

from random import Random

from policy_engine.backoff import Backoff, Growth
from policy_engine.clock import VirtualClock
from policy_engine.protect import CallOptions, CircuitBreaker, CircuitBreakerConfig, Pipeline, Protection, RetryOptions

EVERY_SECOND = Backoff(kind=Growth.CONSTANT, initial=1.0, maximum=1.0)


class Flaky:
    """Fails so many times, then returns; counts its calls."""

    def __init__(self, failures, error=ConnectionResetError, result="fine"):
        self.failures, self.error, self.result, self.calls = failures, error, result, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error(f"call {self.calls}")
        return self.result

    async def later(self, *args, **kwargs):
        return self()


def retries(attempts=3, deadline=None, backoff=EVERY_SECOND):
    return RetryOptions(attempts=attempts, deadline=deadline, backoff=backoff)


def a_breaker(clock, events=None, **config):
    return CircuitBreaker(
        "api",
        CircuitBreakerConfig(**config),
        clock=clock,
        publish=None if events is None else events.append,
    )


def a_protection(clock=None, reports=None, *, breaker=None, pipeline=None, faults=None, **options):
    """A protection of "api"; ``pipeline`` holds what a `Pipeline` takes beside its options."""
    clock = clock or VirtualClock()
    made = Pipeline("api", CallOptions(**options), clock=clock, random=Random(1), breaker=breaker, **(pipeline or {}))

    def report(error, module, function):
        if reports is not None:
            reports.append((error, module, function))

    def fault(where, error):
        if faults is not None:
            faults.append((where, error))

    return Protection("api", lambda: made, report, fault=fault)
