"""What a recovery action may reach of an engine, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from policy_engine.degrade import GracefulDegradation
from policy_engine.errors import DiagnosticLike
from policy_engine.model import ErrorInfo
from policy_engine.observe import AlertRouter
from policy_engine.protect import CircuitBreaker


class Reloaded(Protocol):
    """What became of a reload."""

    @property
    def refused(self) -> tuple[DiagnosticLike, ...]:
        """Why the policy was refused; empty where it is active."""


class Owner(Protocol):
    """What the ports need of their engine."""

    degradation: GracefulDegradation

    def breakers(self, name: str) -> tuple[CircuitBreaker, ...]:
        """Return all breakers of ``name``: one, or those of the values of its key."""

    def registered(self, name: str) -> Callable[..., object]:
        """Return the callable that the program registered under a name."""

    def reload(self) -> Reloaded:
        """Load the policy's files again."""


class EnginePorts:
    """What a recovery action may reach of an engine."""

    def __init__(self, engine: Owner, alerts: AlertRouter) -> None:
        self._engine = engine
        self._alerts = alerts

    def breaker_reset(self, name: str) -> None:
        """Close a breaker and forget its counts."""
        for breaker in self._engine.breakers(name):
            breaker.reset("recovery")

    def breaker_force_open(self, name: str) -> None:
        """Open a breaker for its recovery timeout."""
        for breaker in self._engine.breakers(name):
            breaker.force_open(reason="recovery")

    def set_level(self, level: str, reason: str) -> None:
        """Pin the service's level."""
        self._engine.degradation.set_level(level, reason, author="recovery")

    def alert(self, channel: str, text: str, info: ErrorInfo) -> None:
        """Send a text to an alert channel."""
        self._alerts.send(channel, text, info)

    def registered(self, name: str) -> Callable[..., object]:
        """Return the callable that the program registered under a name."""
        return self._engine.registered(name)

    def reload_policy(self) -> tuple[DiagnosticLike, ...]:
        """Load the policy's files again; returns why they were refused."""
        return self._engine.reload().refused
