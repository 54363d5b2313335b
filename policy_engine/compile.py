"""A document and its plugins made into one immutable `Policy`, by each mechanism's own compile function.

Knows the sections and who compiles them, and no mechanism's inside. What is compiled here is what the hot path reads:
it never looks into TOML again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.capture import ALWAYS_CAPTURED, CaptureLimits
from policy_engine.classify import (
    Category,
    ErrorClassifier,
    Rule,
    SeverityAdjustment,
    compile_adjustments,
    compile_categories,
    compile_rules,
)
from policy_engine.degrade import DegradationOptions, compile_degradation
from policy_engine.errors import PolicyError
from policy_engine.match import Matcher, compile_matcher
from policy_engine.metrics import Metric
from policy_engine.observe import AlertOptions, compile_alerts
from policy_engine.plugins import Plugins, load_plugins
from policy_engine.policy import Document, load_layers
from policy_engine.policy.diagnostics import Diagnostic, failed, ordered
from policy_engine.policy.durations import seconds
from policy_engine.policy.enforced import enforced
from policy_engine.policy.load import read_trusted
from policy_engine.policy.shipped import policies_path
from policy_engine.privacy import Scrubber, compile_privacy
from policy_engine.protect import BreakerOptions, CallOptions, compile_breakers, compile_calls
from policy_engine.recover import RecoveryOptions, compile_recovery
from policy_engine.store import StoreOptions, compile_store
from policy_engine.watched import WatchedPolicy, compile_watched


@dataclass(frozen=True, slots=True)
class Bounds:
    """``[bounds]``: how much is kept, of everything that could grow. Durations in seconds."""

    message_length: int = 8192
    text_length: int = 1024
    context_items: int = 64
    context_depth: int = 6
    stack_frames: int = 64
    causes: int = 16
    fingerprints: int = 10_000
    labels: int = 1000
    history: int = 1000
    breakers: int = 10_000
    queue: int = 10_000
    workers: int = 8
    abandoned_calls: int = 32
    stored_alike: int = 100
    active_for: float = 900.0


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a policy says, compiled. Immutable: a reload makes another one."""

    document: Document
    """What is enforced."""
    layers: tuple[tuple[str | Path, ...], ...]
    """What it was loaded from, the lowest layer first; empty for the shipped policy."""
    paths: tuple[str | Path, ...]
    """All files and folders that it was read from, those that others extend too."""
    plugins: Plugins
    bounds: Bounds
    categories: Mapping[str, Category]
    rules: tuple[Rule, ...]
    classifier: ErrorClassifier
    limits: CaptureLimits
    adjustments: tuple[SeverityAdjustment, ...]
    scrubber: Scrubber
    breakers: Mapping[str, BreakerOptions]
    breaker_counts: Mapping[str, Matcher]
    """What counts as a failure, for the breakers that say so."""
    calls: Mapping[str, CallOptions]
    degradation: DegradationOptions
    recovery: RecoveryOptions
    alerts: AlertOptions
    store: StoreOptions
    metrics: tuple[Metric, ...]
    warnings: tuple[Diagnostic, ...] = field(default=())
    watched: WatchedPolicy | None = None
    """What is evaluated and told, and has no effect."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A document and its plugins, where they could be read, every finding, and the texts that findings point into."""

    document: Document | None
    plugins: Plugins | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    paths: tuple[str | Path, ...] = ()
    """Every file and folder that was read, those that others extend too."""


def load_policy(paths: Sequence[str | Path] | str | Path | None = None, *, loaded: Plugins | None = None) -> Policy:
    """Load, check and compile the policy of one layer in ``paths``: files, folders, or the shipped one where ``None``.

    With ``loaded``, the plugins that run already, no other plugin is loaded: one that is new is a finding.

    Raises:
        PolicyError: something in it is wrong; ``.diagnostics`` holds every finding, at its line and column.
    """
    if paths is None:
        return compile_policy(read_trusted([policies_path()]), load_plugins((), policies_path()))
    return load_policy_layers([(paths,) if isinstance(paths, str | Path) else tuple(paths)], loaded=loaded)


def load_policy_layers(layers: Sequence[str | Path | Sequence[str | Path]], *, loaded: Plugins | None = None) -> Policy:
    """Load, check and compile a policy of layers, the lowest first: what a later one says wins.

    Each layer is a file, a folder, or several of them; without any, it is the shipped policy. Otherwise as
    `load_policy`.
    """
    stacked = tuple((layer,) if isinstance(layer, str | Path) else tuple(layer) for layer in layers)
    if not stacked:
        return load_policy()
    checked = check_layers(stacked, loaded=loaded)
    if checked.document is None or checked.plugins is None or failed(checked.diagnostics):
        raise PolicyError(checked.diagnostics)
    return compile_policy(
        checked.document, checked.plugins, layers=stacked, paths=checked.paths, warnings=checked.diagnostics
    )


def compile_policy(
    document: Document,
    plugins: Plugins,
    *,
    layers: tuple[tuple[str | Path, ...], ...] = (),
    paths: tuple[str | Path, ...] = (),
    warnings: Sequence[Diagnostic] = (),
) -> Policy:
    """Compile a document that `check_policy` found no error in."""
    whole, document = document, enforced(document)
    bounds = _bounds(document.data.get("bounds", {}))
    scrubber = compile_privacy(_privacy(document), _limits_of_text(bounds), plugins.detectors)
    data = _bound(document, plugins, scrubber)
    limits = CaptureLimits(
        bounds.stack_frames,
        bounds.causes,
        ALWAYS_CAPTURED | _attributes_named(whole.data),
        variables=data.get("privacy", {}).get("local_variables", 0),
    )
    categories = compile_categories(data.get("categories", {}))
    rules = compile_rules(data.get("rules", ()))
    adjustments = compile_adjustments(data.get("severity", {}).get("adjust", ()))
    breakers = compile_breakers(data.get("breakers", {}))
    degradation = compile_degradation(data.get("degradation", {}))
    watched = None
    if whole is not document:
        watched = compile_watched(
            _bound(whole, plugins, scrubber),
            categories=categories,
            limits=limits,
            actions=plugins.actions,
            channels=plugins.channels,
        )
    return Policy(
        document=document,
        layers=layers,
        paths=paths,
        plugins=plugins,
        bounds=bounds,
        categories=categories,
        rules=rules,
        classifier=ErrorClassifier(rules, categories, limits),
        limits=limits,
        adjustments=adjustments,
        scrubber=scrubber,
        breakers=breakers,
        breaker_counts={name: compile_matcher(each.counts) for name, each in breakers.items() if each.counts},
        calls=compile_calls(data.get("calls", {})),
        degradation=degradation,
        recovery=compile_recovery(data.get("recovery", {}), plugins.actions),
        alerts=compile_alerts(data.get("alerts", {}), plugins.channels),
        store=compile_store(data.get("store", {})),
        metrics=_metrics_named(adjustments, degradation, None if watched is None else watched.degradation),
        warnings=tuple(warnings),
        watched=watched,
    )


def _privacy(document: Document) -> Mapping[str, Any]:
    section: dict[str, Any] = document.data.get("privacy", {})
    if "pseudonymise" not in section:
        return section
    from policy_engine.privacy.keys import with_paths  # with it come the means to make a keyed hash

    return {**section, "pseudonymise": with_paths(document)}


def _bound(document: Document, plugins: Plugins, scrubber: Scrubber) -> Mapping[str, Any]:
    """The document's data, in which match tables ask what plugins there are."""
    if not plugins.matchers:
        return document.data
    from policy_engine.matching import bind_matchers  # with the lint's walk over a policy, which nobody else needs

    return bind_matchers(document.data, plugins.matchers, scrubber)


def check_policy(
    paths: Sequence[str | Path], *, run_plugins: bool = True, loaded: Plugins | None = None
) -> CheckResult:
    """Read a policy of one layer and find everything that is wrong with it, without compiling it."""
    return check_layers([paths], run_plugins=run_plugins, loaded=loaded)


def check_layers(
    layers: Sequence[Sequence[str | Path]],
    *,
    run_plugins: bool = True,
    loaded: Plugins | None = None,
    advice: bool = False,
    resolve: bool = False,
) -> CheckResult:
    """Read a policy of layers, the lowest first, and find everything that is wrong with it, without compiling it.

    ``advice`` looks for what does nothing, too, which no service needs to know that loads its policy; ``resolve``
    imports the exception classes that the policy names, for more of it.
    """
    # Imported here: a service that starts with the shipped policy, which was checked before it shipped, never needs it.
    from policy_engine.lint import advise, doubtful_keys, lint, lint_draft, masked, written_secrets

    read = load_layers(layers)
    if read.document is None:
        builtin = load_plugins((), Path(), allow_commands=_allowed_commands(read.draft)).actions
        findings = [*read.diagnostics, *lint_draft(read, actions=builtin)]
        findings += written_secrets(read.draft) if advice and read.draft is not None else ()
        return CheckResult(read.draft, None, ordered(findings), masked(read.sources, findings), read.paths)
    document = read.document
    names = document.data.get("plugins", ()) if run_plugins else ()
    plugins = load_plugins(
        names,
        Path(),
        folders=_folders_of_plugins(document, names),
        locate=document.locate,
        loaded=loaded,
        allow_commands=_allowed_commands(document),
    )
    complete = run_plugins and not plugins.diagnostics
    findings = [*read.diagnostics, *plugins.diagnostics]
    findings += lint(
        document,
        actions=plugins.actions,
        channels=plugins.channels,
        metrics=plugins.metrics,
        detectors=plugins.detectors,
        matchers=plugins.matchers,
        complete=complete,
    )
    if plugins.objects:
        from policy_engine.plugins.linting import plugin_findings  # with it comes pluggy

        findings += plugin_findings(document, plugins.objects)
    if advice:
        findings += written_secrets(document)
        # What an error hides may well have an effect once that is mended.
        findings += () if failed(findings) else advise(document, actions=plugins.actions, resolve=resolve)
    else:
        findings += doubtful_keys(document)
    return CheckResult(document, plugins, ordered(findings), masked(read.sources, findings), read.paths)


def _allowed_commands(document: Document | None) -> list[str]:
    """The programs that ``[security]`` lists; none while that table is not a valid one."""
    security = document.data.get("security") if document is not None else None
    listed = security.get("allow_commands") if isinstance(security, Mapping) else None
    return [program for program in listed if isinstance(program, str)] if isinstance(listed, list) else []


def _folders_of_plugins(document: Document, names: Sequence[str]) -> dict[str, Path]:
    """The folder that each plugin file is relative to: that of the file that lists it first."""
    folders: dict[str, Path] = {}
    for number, name in enumerate(names):
        span = document.locate(("plugins", number))
        folders.setdefault(name, Path(span.file if span is not None else document.files[0].name).parent)
    return folders


def _bounds(table: Mapping[str, Any]) -> Bounds:
    counts: dict[str, Any] = {name: value for name, value in table.items() if name != "active_for"}
    return Bounds(**counts, active_for=seconds(table.get("active_for", "15m")))


def _attributes_named(value: object) -> frozenset[str]:
    """The names of all exception attributes that any match table in the policy reads."""
    if isinstance(value, Mapping):
        own = value.get("attributes")
        named = frozenset(own) if isinstance(own, Mapping) else frozenset()
        return named.union(*(_attributes_named(item) for item in value.values()))
    if isinstance(value, list):
        return frozenset().union(*(_attributes_named(item) for item in value))
    return frozenset()


def _metrics_named(
    adjustments: Sequence[SeverityAdjustment], *degradations: DegradationOptions | None
) -> tuple[Metric, ...]:
    conditions = [adjustment.condition for adjustment in adjustments if adjustment.condition is not None]
    read = {metric for condition in conditions for metric in condition.metrics}
    by_triggers = (each.metrics() for each in degradations if each is not None)
    return tuple(sorted(read.union(*by_triggers)))


def _limits_of_text(bounds: Bounds) -> Mapping[str, int]:
    names = ("message_length", "text_length", "context_items", "context_depth")
    return {name: getattr(bounds, name) for name in names}
