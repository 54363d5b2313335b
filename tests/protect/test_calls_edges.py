"""The edges of what a policy may say of protections: each works as it says, or is refused before anything runs."""

from pathlib import Path

import pytest
from protect.call_makers import Flaky

from policy_engine import Engine, VirtualClock
from policy_engine.errors import CallRefusedError, CircuitOpenError, PolicyError

HEAD = """
schema_version = 1
[categories.NETWORK]
retryable = true
[[rules]]
name = "all"
match.exception = "Exception"
category = "NETWORK"
"""


def an_engine(folder: Path, text: str) -> Engine:
    policy = folder / "policy.toml"
    policy.write_text(HEAD + text, encoding="utf-8")
    return Engine.from_path(policy, clock=VirtualClock())


def failing(engine: Engine, calls: int) -> Flaky:
    work = Flaky(99)
    for _ in range(calls):
        with pytest.raises((ConnectionResetError, CircuitOpenError)):
            engine.protect("api").call(work)
    return work


@pytest.mark.parametrize(
    "setting",
    [
        "failure_threshold = 0",
        "failure_threshold = -5",  # pybreaker takes it
        "failure_threshold = 1.5",
        "success_threshold = 0",
        'recovery_timeout = "-1s"',
        'timeout = "0s"',
        'window = { kind = "count", size = 0 }',
        'window = { kind = "count", size = "60s" }',
        'window = { kind = "time", size = "0s" }',
        'window = { kind = "time", size = 60 }',
        'window = { kind = "count", size = 10 }\nfailure_rate = 0',
        'window = { kind = "count", size = 10 }\nfailure_rate = 1.01',
        'window = { kind = "count", size = 10 }\nfailure_rate = nan',
        'window = { kind = "count", size = 10 }\nminimum_calls = 0',
        'window = { kind = "count", size = 10 }\nslow_call = { longer_than = "0s" }',
        'window = { kind = "count", size = 10 }\nslow_call = { longer_than = "1s", rate = 0 }',
        "half_open = { permits = 0 }",
        'half_open = { lease = "0s" }',
        "open_backoff = { factor = 0.9 }",
        "open_backoff = { jitter = 1.1 }",
        'open_backoff = { max = "0s" }',
    ],
)
def test_a_breaker_that_cannot_work_is_refused(setting, tmp_path):
    with pytest.raises(PolicyError):
        an_engine(tmp_path, f"[breakers.api]\n{setting}\n")


@pytest.mark.parametrize(
    "setting",
    [
        "retry = { attempts = 0 }",
        'retry = { deadline = "0s" }',
        'retry = { longest_retry_after = "-1s" }',
        "retry = { budget = { tokens = 0 } }",
        "retry = { budget = { per_success = -0.1 } }",
        'retry = { backoff = { initial = "-1s" } }',
        "retry = { backoff = { factor = 0.5 } }",
        'timeout = "0s"',
        "bulkhead = { concurrent = 0 }",
        "bulkhead = { concurrent = 1, queued = -1 }",
        'bulkhead = { concurrent = 1, wait = "0s" }',
        'rate_limit = { calls = 0, per = "1s" }',
        'rate_limit = { calls = 1, per = "0s" }',
        'rate_limit = { calls = 1, per = "1s", burst = 0 }',
        'rate_limit = { calls = 1, per = "1s", wait = "-1s" }',
        "fallback = {}",
        'breaker = "not defined"',
    ],
)
def test_a_call_that_cannot_work_is_refused(setting, tmp_path):
    with pytest.raises(PolicyError):
        an_engine(tmp_path, f"[calls.api]\n{setting}\n")


@pytest.mark.parametrize(
    ("setting", "calls_until_it_opens"),
    [
        ("failure_threshold = 1", 1),
        ('window = { kind = "count", size = 1 }\nminimum_calls = 1', 1),  # resilience4j#2379
        ('window = { kind = "count", size = 1 }', 1),
        ('window = { kind = "count", size = 3 }\nminimum_calls = 3\nfailure_rate = 1.0', 3),
        ('window = { kind = "time", size = "1ms" }\nminimum_calls = 2', 2),
        ('window = { kind = "count", size = 10 }\nminimum_calls = 1\nfailure_rate = 0.001', 1),
    ],
)
def test_a_breaker_at_the_edge_opens_when_it_says(setting, calls_until_it_opens, tmp_path):
    engine = an_engine(tmp_path, f'[breakers.api]\n{setting}\n[calls.api]\nbreaker = "api"\n')
    assert failing(engine, calls_until_it_opens + 3).calls == calls_until_it_opens
    assert engine.breaker("api").state == "OPEN"


def test_a_recovery_timeout_of_zero_is_zero_and_no_default(tmp_path):
    # circuitbreaker takes 0 for its default of 30 seconds
    engine = an_engine(
        tmp_path, '[breakers.api]\nfailure_threshold = 1\nrecovery_timeout = "0s"\n[calls.api]\nbreaker = "api"\n'
    )
    assert failing(engine, 5).calls == 5
    assert engine.breaker("api").state == "HALF_OPEN"


def test_a_budget_that_gives_nothing_back_ends(tmp_path):
    engine = an_engine(tmp_path, "[calls.api]\nretry = { attempts = 2, budget = { tokens = 1, per_success = 0 } }\n")
    assert failing(engine, 3).calls == 4


def test_a_rate_of_one_and_a_wait_of_zero_refuse_the_second_call(tmp_path):
    engine = an_engine(tmp_path, '[calls.api]\nrate_limit = { calls = 1, per = "1s", wait = "0s" }\n')
    engine.protect("api").call(str)
    with pytest.raises(CallRefusedError):
        engine.protect("api").call(str)
