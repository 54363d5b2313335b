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
        "open_backoff = { factor = inf }",
        "open_backoff = { jitter = nan }",
        "failure_threshold = true",
        "failure_threshold = 1_000_001",
        "failure_threshold = 1e308",
        "success_threshold = 9_223_372_036_854_775_808",
        'recovery_timeout = "100000d"',
        "recovery_timeout = 60",
        "recovery_timeout = inf",
        'timeout = "1s\\n"',
        'window = { kind = "count", size = true }',
        'window = { kind = "count", size = 1e308 }',
        'window = { kind = "time", size = inf }',
        'window = { kind = "count", size = 10 }\nfailure_rate = inf',
        'window = { kind = "count", size = 10 }\nfailure_rate = true',
        'window = { kind = "count", size = 10 }\nslow_call = { longer_than = "1s", rate = nan }',
        "half_open = { permits = inf }",
        "half_open = {}",
        "open_backoff = {}",
        'key = ""',
        "failed_result = {}",
        "failed_result = { function = 1 }",
        "failed_result = { function = '' }",
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
        "retry = {}",
        "retry = { attempts = true }",
        "retry = { attempts = 1e308 }",
        "retry = { attempts = inf }",
        'retry = { deadline = "100000d" }',
        "retry = { budget = {} }",
        "retry = { budget = { per_success = nan } }",
        "retry = { budget = { per_success = 1.1 } }",
        "retry = { backoff = { factor = nan } }",
        "retry = { backoff = { factor = 1e308 } }",
        'retry = { backoff = { kind = "fibonacci", factor = 2 } }',
        'retry = { backoff = { jitter = "some" } }',
        "timeout = true",
        "timeout = inf",
        'timeout = { after = "0s", on_thread = true }',
        "bulkhead = { concurrent = true }",
        "bulkhead = { concurrent = inf }",
        "bulkhead = { concurrent = 1, queued = 1e308 }",
        'rate_limit = { calls = 1e308, per = "1s" }',
        'rate_limit = { calls = 1, per = "1s", burst = inf }',
        'fallback = { last_good = "0s" }',
        'fallback = { function = "" }',
        "fallback = { value = nan }",
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
        ('window = { kind = "count", size = 1_000_000 }\nminimum_calls = 1\nfailure_rate = 5e-324', 1),
        ('window = { kind = "time", size = "99999d" }\nminimum_calls = 3', 3),
        ('window = { kind = "time", size = "0.000000001ms" }\nminimum_calls = 2', 2),
        ('failure_threshold = 2\ntimeout = "99999d"\nrecovery_timeout = "99999d"', 2),
        ('failure_threshold = 2\nopen_backoff = { factor = 1000, max = "99999d", jitter = 1.0 }', 2),
        ('failure_threshold = 2\nhalf_open = { permits = 1_000_000, lease = "99999d" }', 2),
        ('failure_threshold = 2\nhalf_open = { lease = "0.000000001ms" }', 2),
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


@pytest.mark.parametrize(
    ("retry", "waited"),
    [
        ('attempts = 3, backoff = { kind = "constant", initial = "0s" }', 0.0),
        ('attempts = 3, backoff = { kind = "constant", max = "0s" }', 0.0),
        ('attempts = 3, backoff = { kind = "linear", initial = "1s", max = "99999d" }', 3.0),
        ('attempts = 3, backoff = { kind = "fibonacci", initial = "99999d", max = "1s" }', 2.0),
        ('attempts = 3, backoff = { kind = "exponential", factor = 1 }', 2.0),
        ('attempts = 3, backoff = { jitter = "decorrelated", initial = "0s" }', 0.0),
        ('attempts = 2000, backoff = { factor = 1000, initial = "1ms", max = "1s" }', 1998.001),
        ('attempts = 3, deadline = "0.000000001ms"', 0.0),
        ('attempts = 3, deadline = "1s", backoff = { kind = "constant", initial = "1s" }', 0.0),
        ('attempts = 3, deadline = "99999d", backoff = { kind = "constant", initial = "1s" }', 2.0),
    ],
)
def test_a_retry_at_the_edge_waits_as_it_says(retry, waited, tmp_path):
    engine = an_engine(tmp_path, f"[calls.api]\nretry = {{ {retry} }}\n")
    with pytest.raises(ConnectionResetError):
        engine.protect("api").call(Flaky(9999))
    assert engine.clock.monotonic() == pytest.approx(waited)


@pytest.mark.parametrize(
    "setting",
    [
        "retry = { attempts = 1 }",
        "retry = { attempts = 1_000_000 }",
        'timeout = "99999d"',
        'timeout = { after = "99999d", on_thread = true }',
        "bulkhead = { concurrent = 1 }",
        "bulkhead = { concurrent = 1_000_000, queued = 1_000_000 }",
        'bulkhead = { concurrent = 1, queued = 1, wait = "99999d" }',
        'rate_limit = { calls = 1_000_000, per = "0.000000001ms" }',
        'rate_limit = { calls = 1, per = "99999d", burst = 1_000_000 }',
        'fallback = { last_good = "99999d" }',
        "fallback = { value = [] }",
    ],
)
def test_the_least_and_the_most_of_each_protection_let_calls_pass(setting, tmp_path):
    engine = an_engine(tmp_path, f"[calls.api]\n{setting}\n")
    assert [engine.protect("api").call(lambda: "fine") for _ in range(3)] == ["fine"] * 3
