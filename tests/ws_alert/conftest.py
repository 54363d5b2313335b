"""A module-level error handler of its own, in virtual time, for each test of the bot."""

from collections.abc import Iterator

import pytest

from policy_engine import ComprehensiveErrorHandler, Engine, Policy, VirtualClock, load_policy
from policy_engine.handler import set_error_handler


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_policy()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def handler(
    shipped: Policy, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ComprehensiveErrorHandler]:
    fresh = ComprehensiveErrorHandler(Engine(shipped, clock=clock))
    monkeypatch.setenv("NO_PROXY", "*")
    before = set_error_handler(fresh)
    yield fresh
    set_error_handler(before)
