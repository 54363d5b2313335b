"""A policy test of a breaker over a hundred thousand calls is over before somebody looks up."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from documents import ROOT

from policy_engine.simulate.policy_tests import run_suite

CALLS = 100_000
TEST = """
[[tests]]
name = "an API that fails every {nth} call"
[[tests.steps]]
repeat = {{ times = {calls}, every = "100ms" }}
[tests.steps.call]
breaker = "default"
fails_with = {{ exception = "httpx.ConnectTimeout", message = "timed out" }}
every_nth = {nth}
[tests.steps.expect]
counts = {{ allowed = {{ at_least = 1 }}, errors = {{ at_least = 1 }} }}
"""


@pytest.mark.prove
@pytest.mark.parametrize("nth", [1, 2, 10])
def test_a_hundred_thousand_calls_take_less_than_five_seconds(nth: int, tmp_path: Path) -> None:
    (tmp_path / "calls.test.toml").write_text(TEST.format(nth=nth, calls=CALLS))
    started = process_time()
    result = run_suite([tmp_path], policy=[ROOT / "policies"])
    spent = process_time() - started
    assert not result.findings
    assert spent < 5, f"{spent:.1f} s of processor time"
