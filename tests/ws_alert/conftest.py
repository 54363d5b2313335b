"""A module-level error handler of its own, in virtual time, for each test of the bot."""

import pytest
from ws_alert import client

from policy_engine import ComprehensiveErrorHandler, Engine, Policy, VirtualClock, critical_function, load_policy
from policy_engine import handler as service


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_policy()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def handler(shipped: Policy, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> ComprehensiveErrorHandler:
    fresh = ComprehensiveErrorHandler(Engine(shipped, clock=clock))
    monkeypatch.setattr(service, "_handler", fresh)
    # A decorated function stays with the handler of its first call, and a process has but one.
    monkeypatch.setattr(client, "deliver_critical", critical_function(client.deliver_critical.__wrapped__))
    monkeypatch.setenv("NO_PROXY", "*")
    return fresh
