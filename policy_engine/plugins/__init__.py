"""Plugins: code that a policy names, and the hooks that it may implement. Plugin authors import from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy_engine.plugins.loading import Plugins, action_schemas, load_plugins
from policy_engine.policy.durations import PATTERN as DURATION
from policy_engine.policy.durations import seconds
from policy_engine.recover import Action, ActionContext, Again, Delay, Outcome

if TYPE_CHECKING:
    from policy_engine.observe import Alert
    from policy_engine.plugins.contributions import (
        AlertChannel,
        Detector,
        Enricher,
        ErrorMatcher,
        Exporter,
        LintFinding,
        LogFormat,
        MetricSource,
    )
    from policy_engine.plugins.hookspecs import hookimpl

__all__ = [
    "DURATION",
    "Action",
    "ActionContext",
    "Again",
    "Alert",
    "AlertChannel",
    "Delay",
    "Detector",
    "Enricher",
    "ErrorMatcher",
    "Exporter",
    "LintFinding",
    "LogFormat",
    "MetricSource",
    "Outcome",
    "Plugins",
    "action_schemas",
    "hookimpl",
    "load_plugins",
    "seconds",
]


_OF_CONTRIBUTIONS = frozenset(
    {
        "Alert",
        "AlertChannel",
        "Detector",
        "Enricher",
        "ErrorMatcher",
        "Exporter",
        "LintFinding",
        "LogFormat",
        "MetricSource",
    }
)


def __getattr__(name: str) -> object:
    # What only a plugin, or the loading of one, should pay for: pluggy alone costs 30 ms to import.
    if name == "hookimpl":
        from policy_engine.plugins.hookspecs import hookimpl

        return hookimpl
    if name in _OF_CONTRIBUTIONS:
        from policy_engine.plugins import contributions

        return getattr(contributions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
