"""A module-level error handler of its own, in virtual time, for each test of the bot."""

import pytest
from ws_alert import client

from policy_engine import ComprehensiveErrorHandler, Engine, VirtualClock, critical_function
from policy_engine import handler as service


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def handler(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> ComprehensiveErrorHandler:
    fresh = ComprehensiveErrorHandler(Engine(clock=clock))
    monkeypatch.setattr(service, "_handler", fresh)
    # A decorated function stays with the handler of its first call, and a process has but one.
    monkeypatch.setattr(client, "deliver_critical", critical_function(client.deliver_critical.__wrapped__))
    monkeypatch.setenv("NO_PROXY", "*")
    return fresh
