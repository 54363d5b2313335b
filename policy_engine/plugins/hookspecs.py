"""The hooks that a plugin may implement.

A module or an object is a plugin once it implements one of them::

    from policy_engine.plugins import Action, hookimpl

    @hookimpl
    def policy_engine_actions():
        return [Action("acme.restart_worker", restart_worker)]

Every hook is called when a policy is checked and compiled, never while an error is handled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

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
from policy_engine.recover import Action

PROJECT = "policy_engine"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def policy_engine_actions() -> Sequence[Action]:  # type: ignore[empty-body]
    """Return the recovery actions that the plugin brings.

    Their names stand in a policy's steps; start each with the plugin's own name and a dot.
    """


@hookspec
def policy_engine_metrics() -> Sequence[MetricSource]:  # type: ignore[empty-body]
    """Return the metrics that the plugin measures; conditions compare them by name."""


@hookspec
def policy_engine_alert_channels() -> Sequence[AlertChannel]:  # type: ignore[empty-body]
    """Return the kinds of alert channels that the plugin brings; ``kind`` names them in ``[alerts.channels.NAME]``."""


@hookspec
def policy_engine_exporters() -> Sequence[Exporter]:  # type: ignore[empty-body]
    """Return who is to get the engine's events, off the failing thread. Nothing in the policy names an exporter."""


@hookspec
def policy_engine_detectors() -> Sequence[Detector]:  # type: ignore[empty-body]
    """Return what secrets look like that the plugin knows of; ``[privacy] detectors`` lists them by name."""


@hookspec
def policy_engine_enrichers() -> Sequence[Enricher]:  # type: ignore[empty-body]
    """Return what adds to the context of errors. Nothing in the policy names an enricher."""


@hookspec
def policy_engine_matchers() -> Sequence[ErrorMatcher]:  # type: ignore[empty-body]
    """Return the questions that the plugin answers about errors; ``match.plugin`` asks them by name."""


@hookspec
def policy_engine_lint(document: Mapping[str, Any]) -> Sequence[LintFinding]:  # type: ignore[empty-body]
    """Return what is wrong with a policy that the schema cannot say; ``document`` is a copy of its data."""


@hookspec
def policy_engine_log_formats() -> Sequence[LogFormat]:  # type: ignore[empty-body]
    """Return the forms of log lines that the plugin knows; replay reads them."""
