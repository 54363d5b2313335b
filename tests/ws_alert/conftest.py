"""A module-level error handler of its own, in virtual time, for each test of the bot."""

import pytest

from policy_engine import ComprehensiveErrorHandler, Engine, VirtualClock
from policy_engine import handler as service


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def handler(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> ComprehensiveErrorHandler:
    fresh = ComprehensiveErrorHandler(Engine(clock=clock))
    monkeypatch.setattr(service, "_handler", fresh)
    monkeypatch.setenv("NO_PROXY", "*")
    return fresh
