"""What happens in a policy test, and what may be expected of it."""

from pathlib import Path

import pytest
from simulate.policy_test_makers import a_step, messages, only, run_text

from policy_engine.simulate.policy_tests import Outcome

RULES = """
[categories.NETWORK]
severity = "MEDIUM"
retryable = true
[[rules]]
name = "reset"
match.exception = "ConnectionResetError"
category = "NETWORK"
tags = ["peer", "tcp"]
[[rules]]
name = "timeout"
match.exception = "httpx.TimeoutException"
category = "NETWORK"
severity = "HIGH"
"""
DESIGN = """
[[tests]]
name = "the API breaker opens at half failures and closes after three good calls"
[[tests.steps]]
at = "0s"
repeat = { times = 20, every = "1s" }
[tests.steps.call]
breaker = "external_api"
fails_with = { exception = "httpx.ConnectTimeout", mro = ["httpx.TimeoutException"], message = "timed out" }
every_nth = 2
[tests.steps.expect]
breakers.external_api = "OPEN"
level = "full"
category = "NETWORK"
rule = "timeout"
allowed = 20
failed = 10
[[tests.steps]]
at = "80s"
repeat = { times = 3, every = "1s" }
call = { breaker = "external_api" }
expect = { breakers.external_api = "CLOSED" }
"""
BREAKER = """
[breakers.external_api]
window = { kind = "time", size = "60s" }
failure_rate = 0.5
minimum_calls = 20
recovery_timeout = "60s"
success_threshold = 3
half_open = { permits = 3, lease = "30s" }
"""
CALLS = """
[breakers.api]
failure_threshold = 2
[calls.api]
breaker = "api"
retry = { attempts = 4, backoff = { kind = "exponential", initial = "200ms", max = "5s", jitter = "none" } }
[calls.answered]
fallback = { function = "of the service" }
[calls.once]
timeout = "3s"
breaker = "api"
"""
RECOVERY = """
[[recovery.strategies]]
name = "reconnect"
match = { category = "NETWORK" }
steps = [
  { action = "call", function = "reconnect" },
  { action = "wait", for = "5s" },
  { action = "set_level", level = "minimal", on = "failure" },
]
attempts = 2
backoff = { kind = "constant", initial = "10s", jitter = "none" }
"""
ALERTS = """
[alerts.channels.ops]
kind = "log"
[[alerts.routes]]
name = "all"
channel = "ops"
{}
"""
ALERT = "MEDIUM NETWORK: ConnectionResetError: reset by peer"
RESET = 'error = { exception = "ConnectionResetError", message = "reset by peer" }'
TIMEOUT = 'fails_with = { exception = "httpx.ReadTimeout", mro = ["httpx.TimeoutException"], message = "slow" }'


def test_the_example_of_the_design_passes(tmp_path: Path) -> None:
    result = run_text(tmp_path, RULES + BREAKER, DESIGN)
    assert messages(result) == []
    assert [verdict.outcome for verdict in result.verdicts] == [Outcome.PASSED]


def test_the_same_test_fails_for_a_policy_with_another_threshold(tmp_path: Path) -> None:
    result = run_text(tmp_path, RULES + BREAKER.replace("0.5", "0.6"), DESIGN)
    finding = only(result)
    assert finding.message == "breakers.external_api is CLOSED, expected OPEN"
    assert (finding.span.line, finding.span.column) == (12, 10)
    assert finding.help == "it never changed its state; 10 of 20 calls that count now failed"


@pytest.mark.parametrize(
    "expectation",
    [
        'category = "NETWORK"',
        'rule = "reset"',
        'severity = "MEDIUM"',
        "retryable = true",
        'tags = ["tcp", "peer"]',
        'message = "reset by peer"',
        'message.contains = ["reset", "peer"]',
        'message.lacks = "secret"',
        "counts = { errors = 1, alerts = 0, recoveries = 0, level_changes = 0, breaker_changes = 0 }",
        "counts = { categories = { NETWORK = 1 }, severities = { CRITICAL = 0 } }",
        "counts.errors = { at_least = 1, at_most = 1 }",
        "recovery = false",
        "alerts = []",
        "alerts = 0",
    ],
)
def test_what_is_so_may_be_expected(expectation: str, tmp_path: Path) -> None:
    assert messages(run_text(tmp_path, RULES, a_step(f"{RESET}\nexpect.{expectation}"))) == []


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ('category = "UNKNOWN"', 'category is "NETWORK", expected "UNKNOWN"'),
        ("rule = false", 'rule is "reset", expected no rule'),
        ('severity = "HIGH"', 'severity is "MEDIUM", expected "HIGH"'),
        ("retryable = false", "retryable is true, expected false"),
        ('tags = ["peer"]', 'tags is ["peer", "tcp"], expected ["peer"]'),
        ('message = "reset"', 'message is "reset by peer", expected "reset"'),
        ('message.lacks = "peer"', 'message is "reset by peer", expected a text that lacks "peer"'),
        ("counts.errors = 2", "counts.errors is 1, expected 2"),
        ("counts.categories.NETWORK = 0", "counts.categories.NETWORK is 1, expected 0"),
        ("counts.errors = { at_least = 2, at_most = 3 }", "counts.errors is 1, expected at least 2 and at most 3"),
        ('recovery.strategy = "x"', 'the policy defines no strategy "x"'),
        ("alerts = 2", "alerts is 0, expected 2"),
        ("alerts = [{ suppressed = 0 }]", "alerts is 0 (routes: none), expected 1"),
    ],
)
def test_what_is_not_so_is_found_at_its_key(expectation: str, message: str, tmp_path: Path) -> None:
    finding = only(run_text(tmp_path, RULES, a_step(f"{RESET}\nexpect.{expectation}")))
    assert finding.message == message
    assert finding.span.line == 5


def test_an_error_that_no_rule_claims_shows_the_rule_that_lacks_the_least(tmp_path: Path) -> None:
    text = a_step('error = { exception = "acme.Odd", message = "m" }\nexpect.rule = "reset"')
    both = 'match = { exception = "ConnectionResetError", message = "m" }'
    finding = only(run_text(tmp_path, RULES.replace('match.exception = "ConnectionResetError"', both), text))
    assert finding.message == 'rule is no rule, expected "reset"'
    assert 'no rule matched; the nearest lacks: exception wants ConnectionResetError, found "acme.Odd"' in [
        place.message for place in finding.places
    ]


def test_a_rule_that_comes_too_late_is_told_who_comes_before_it(tmp_path: Path) -> None:
    later = "[[rules]]\nname = 'later'\nmatch.message = 'reset by peer'\ncategory = 'NETWORK'\n"
    finding = only(run_text(tmp_path, RULES + later, a_step(f"{RESET}\nexpect.rule = 'later'")))
    assert [place.message for place in finding.places] == [
        'this rule decided: exception found "ConnectionResetError"',
        'the expected rule matches too, but "reset" comes before it',
    ]


def test_no_error_at_all_is_not_taken_for_an_earlier_one(tmp_path: Path) -> None:
    steps = f"{RESET}\n[[tests.steps]]\ncall = {{ breaker = 'default' }}\nexpect.category = 'NETWORK'"
    assert messages(run_text(tmp_path, RULES, a_step(steps))) == [
        'category is no error was handled, expected "NETWORK"'
    ]


def test_a_step_that_only_looks_speaks_of_the_last_error(tmp_path: Path) -> None:
    steps = f"{RESET}\n[[tests.steps]]\nadvance = '1s'\nexpect.category = 'NETWORK'"
    assert messages(run_text(tmp_path, RULES, a_step(steps))) == []


def test_retries_wait_as_the_policy_says(tmp_path: Path) -> None:
    call = f'call = {{ target = "api", {TIMEOUT}, attempts = ["fail", "fail", "ok"], takes = "1s" }}\n'
    expect = 'expect = { retries = 2, delays = ["200ms", { at_least = "400ms", at_most = "400ms" }], succeeded = 1 }'
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call + expect))) == []
    wrong = 'expect = { retries = 3, delays = ["200ms", "300ms"], succeeded = { at_most = 0 } }'
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call + wrong))) == [
        "retries is 2, expected 3",
        'delays.2 is 400ms, expected "300ms"',
        "succeeded is 1, expected at most 0",
    ]


def test_a_call_counts_once_however_often_it_was_tried(tmp_path: Path) -> None:
    call = f'repeat.times = 3\ncall = {{ target = "api", {TIMEOUT} }}\n'
    expect = "expect = { allowed = 2, refused = 1, failed = 2, retries = 6, counts.errors = 2, breakers.api = 'OPEN' }"
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call + expect))) == []


def test_a_call_that_takes_too_long_counts_as_failed(tmp_path: Path) -> None:
    call = 'repeat.times = 2\ncall = { target = "once", takes = "4s" }\n'
    expect = "expect = { succeeded = 2, failed = 0, breakers.api = 'OPEN' }"
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call + expect))) == []


def test_a_breaker_that_nothing_called_is_in_the_state_that_the_policy_gives_it(tmp_path: Path) -> None:
    policy = "[breakers.api]\nmode = 'disabled'\n"
    assert messages(run_text(tmp_path, policy, a_step(f"{RESET}\nexpect.breakers.api = 'DISABLED'"))) == []


def test_a_fallback_answers_for_a_call_that_failed(tmp_path: Path) -> None:
    call = f'call = {{ target = "answered", {TIMEOUT} }}\nexpect = {{ succeeded = 1, failed = 0, counts.errors = 0 }}'
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call))) == []


def test_an_interrupt_is_no_failure_of_the_target(tmp_path: Path) -> None:
    call = "repeat.times = 5\ncall = { breaker = 'api', fails_with = { exception = 'KeyboardInterrupt' } }\n"
    expect = "expect = { failed = 5, breakers.api = 'CLOSED', counts.errors = 0 }"
    assert messages(run_text(tmp_path, RULES + CALLS, a_step(call + expect))) == []


def test_series_that_overlap_happen_side_by_side(tmp_path: Path) -> None:
    policy = (
        RULES
        + "[[degradation.triggers]]\nname = 't'\nlevel = 'minimal'\n"
        + ("when = { metric = 'errors', window = '10s', at_least = 7 }\n")
    )
    steps = (
        f"repeat = {{ times = 4, every = '2s' }}\n{RESET}\nexpect.level = 'minimal'\n"
        f"[[tests.steps]]\nat = '1s'\nrepeat = {{ times = 3, every = '2s' }}\n{RESET}\nexpect.level = 'full'\n"
    )
    assert messages(run_text(tmp_path, policy, a_step(steps))) == []


def test_a_recovery_goes_as_its_actions_are_scripted(tmp_path: Path) -> None:
    steps = (
        f"{RESET}\nexpect.recovery = {{ strategy = 'reconnect', status = 'waiting', attempt = 1 }}\n"
        "[[tests.steps]]\nadvance = '10s'\n"
        "expect = { level = 'minimal', recovery = { status = 'running', attempt = 2, steps = ['call'] } }\n"
        "[[tests.steps]]\nadvance = '5s'\n"
        "[tests.steps.expect]\n"
        "recovery = { status = 'succeeded', steps = ['call', { action = 'wait', succeeded = true }] }\n"
        "counts.recoveries = 1\n"
    )
    assert messages(run_text(tmp_path, RULES + RECOVERY, a_step(steps, actions="{ call = ['fail', 'ok'] }"))) == []


def test_a_recovery_that_went_otherwise_shows_its_steps(tmp_path: Path) -> None:
    step = f"{RESET}\nadvance = '1m'\nexpect.recovery = {{ status = 'exhausted', steps = ['call'] }}"
    result = run_text(tmp_path, RULES + RECOVERY, a_step(step))
    assert messages(result) == [
        'recovery.status is "succeeded", expected "exhausted"',
        'recovery.steps is call succeeded, wait succeeded, expected ["call"]',
    ]
    assert result.findings[0].help == '"reconnect" is succeeded, attempt 1: call succeeded, wait succeeded'


def test_alerts_are_compared_one_by_one(tmp_path: Path) -> None:
    alert = "{ route = 'all', channel = 'ops', text = { contains = '%s' }, suppressed = %d }"
    step = f"repeat = {{ times = 4, every = '20s' }}\n{RESET}\nexpect.alerts = [{alert}, {alert}]"
    policy = RULES + ALERTS.format("throttle = '1m'")
    assert messages(run_text(tmp_path, policy, a_step(step % ("reset by", 0, "2 more", 2)))) == []
    assert messages(run_text(tmp_path, policy, a_step(step % ("sent by", 0, "peer", 3)))) == [
        f'alerts.1.text is "{ALERT}", expected a text that contains "sent by"',
        "alerts.2.suppressed is 2, expected 3",
    ]


def test_no_secret_of_a_test_reaches_an_alert(tmp_path: Path) -> None:
    step = (
        "error = { exception = 'OSError', message = 'login failed: password=hunter2' }\n"
        "expect = { message.lacks = 'hunter2', alerts = [{ text.lacks = 'hunter2' }] }"
    )
    assert messages(run_text(tmp_path, ALERTS.format(""), a_step(step))) == []


def test_a_fault_of_the_engine_fails_the_test(tmp_path: Path) -> None:
    finding = only(run_text(tmp_path, ALERTS.format("text = '{{ 1 / 0 }}'"), a_step(RESET + '\nexpect.level = "full"')))
    assert finding.code == "PE507"
    assert finding.message.endswith("ZeroDivisionError: division by zero")


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    policy = RULES + CALLS.replace('jitter = "none"', 'jitter = "full"')
    step = a_step(f'call = {{ target = "api", {TIMEOUT} }}\nexpect.delays = ["0s", "0s", "0s"]')
    first, again, other = (messages(run_text(tmp_path, policy, step, seed=seed)) for seed in (7, 7, 8))
    assert first == again != other
