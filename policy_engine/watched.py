"""What a policy says with ``enforce = false``, compiled apart: nothing of it is where the engine would obey it.

Knows which section is whose, as the compiler does, and no mechanism's inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from policy_engine.capture import CaptureLimits
from policy_engine.classify import Category, ErrorClassifier, compile_rules
from policy_engine.degrade import DegradationOptions, compile_degradation
from policy_engine.observe import AlertOptions, ChannelKind, compile_alerts
from policy_engine.policy.enforced import is_enforced, watched
from policy_engine.recover import Action, RecoveryOptions, compile_recovery
from policy_engine.recover.selection import behind


@dataclass(frozen=True, slots=True)
class WatchedPolicy:
    """Options of what is only watched; ``None`` where nothing of a kind is."""

    rules: frozenset[str] = frozenset()
    """The rules that decide nothing."""
    classifier: ErrorClassifier | None = None
    """What would classify, were all rules enforced."""
    degradation: DegradationOptions | None = None
    recovery: RecoveryOptions | None = None
    alerts: AlertOptions | None = None


def compile_watched(
    data: Mapping[str, Any],
    *,
    categories: Mapping[str, Category],
    limits: CaptureLimits,
    actions: Mapping[str, Action],
    channels: Mapping[str, ChannelKind],
) -> WatchedPolicy:
    """Compile what a whole document does not enforce."""
    tables = data.get("rules", ())
    rules = frozenset(table["name"] for table in tables if not is_enforced(table))
    degradation, alerts = watched(data, ("degradation",)), watched(data, ("alerts",))
    return WatchedPolicy(
        rules=rules,
        classifier=ErrorClassifier(compile_rules(tables), categories, limits) if rules else None,
        degradation=None if degradation is None else compile_degradation(degradation),
        recovery=_recovery(data, actions),
        alerts=None if alerts is None else compile_alerts(alerts, channels),
    )


def _recovery(data: Mapping[str, Any], actions: Mapping[str, Action]) -> RecoveryOptions | None:
    """The strategies that are only watched, each for the errors that no enforced one above it takes."""
    if watched(data, ("recovery",)) is None:
        return None
    section = data["recovery"]
    options = compile_recovery(section, actions)
    enforced = [is_enforced(table) for table in section["strategies"]]
    strategies = tuple(
        behind(strategy, [options.strategies[above] for above in range(index) if enforced[above]])
        for index, strategy in enumerate(options.strategies)
        if not enforced[index]
    )
    return replace(options, strategies=strategies)
