"""Loading the plugins that a policy names: each by itself, so that a broken one is a finding and spoils no other.

Hooks are resolved here, once; what is left is frozen values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy_engine.plugins.problems import PluginProblemError, Problem
from policy_engine.policy import Diagnostic, Span
from policy_engine.policy.diagnostics import finding
from policy_engine.recover import Action

if TYPE_CHECKING:
    from policy_engine.plugins.contributions import (
        AlertChannel,
        Contribution,
        Detector,
        Enricher,
        ErrorMatcher,
        Exporter,
        LogFormat,
        MetricSource,
    )

BUILTIN = "built in"

_ACTIONS = "action", "actions"
"""What one is called, and several."""

Locate = Callable[[tuple[str | int, ...]], Span | None]
"""Where the value at a path of the policy stands."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What the loaded plugins bring."""

    actions: Mapping[str, Action]
    origins: Mapping[str, str]
    """From an action's name to that of its plugin, as the policy has it."""
    metrics: Mapping[str, MetricSource] = field(default_factory=dict)
    channels: Mapping[str, AlertChannel] = field(default_factory=dict)
    """Kinds of alert channels."""
    exporters: Mapping[str, Exporter] = field(default_factory=dict)
    detectors: Mapping[str, Detector] = field(default_factory=dict)
    enrichers: Mapping[str, Enricher] = field(default_factory=dict)
    matchers: Mapping[str, ErrorMatcher] = field(default_factory=dict)
    log_formats: Mapping[str, LogFormat] = field(default_factory=dict)
    brought: Mapping[str, Mapping[str, tuple[Contribution, ...]]] = field(default_factory=dict, repr=False)
    """Everything that each plugin brings, by the plugin's name and by what such things are called (``"metrics"``)."""
    diagnostics: tuple[Diagnostic, ...] = ()
    objects: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The plugins themselves by name: a reload takes them from here."""


def load_plugins(
    names: Sequence[str],
    base: Path,
    *,
    folders: Mapping[str, Path] | None = None,
    locate: Locate | None = None,
    file: str = "",
    loaded: Plugins | None = None,
    allow_commands: Sequence[str] = (),
) -> Plugins:
    """Load the built-in actions and the plugins in ``names``; whatever is wrong is told in ``diagnostics``.

    A file is relative to ``base``, or to its own folder in ``folders``, by name. ``locate(("plugins", n))`` says where
    the n-th name stands, ``file`` what to name where it cannot. With ``loaded`` this is a reload: a plugin that is not
    among them is a finding, for a reload brings no new code into a service.
    ``allow_commands`` are the programs that the built-in action ``command`` may run.
    """
    from policy_engine.plugins import builtin  # with it comes pluggy, which costs 30 ms
    from policy_engine.plugins.command import command_action

    shelf = _Shelf()
    shelf.put(BUILTIN, *_ACTIONS, [*builtin.policy_engine_actions(), command_action(allow_commands)])
    findings: list[Diagnostic] = []
    for name in dict.fromkeys(names):
        for problem in _load_one(name, (folders or {}).get(name, base), shelf, loaded):
            span = locate(("plugins", names.index(name))) if locate is not None else None
            findings.append(finding(problem.code, problem.message, span=span, file=file, help=problem.help))
    return Plugins(
        shelf.items["actions"],
        shelf.origins("actions"),
        metrics=shelf.items.get("metrics", {}),
        channels=shelf.items.get("alert channels", {}),
        exporters=shelf.items.get("exporters", {}),
        detectors=shelf.items.get("detectors", {}),
        enrichers=shelf.items.get("enrichers", {}),
        matchers=shelf.items.get("matchers", {}),
        log_formats=shelf.items.get("log formats", {}),
        brought=shelf.brought(),
        diagnostics=tuple(findings),
        objects=shelf.objects,
    )


def action_schemas(actions: Mapping[str, Action]) -> dict[str, Mapping[str, object]]:
    """Return the JSON Schema of each action's parameters, by the action's name."""
    return {name: action.schema for name, action in actions.items()}


class _Shelf:
    """What was loaded so far, by what such things are called, and by name."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, object] = {}
        self._owners: dict[tuple[str, str], str] = {}

    def put(self, plugin: str, word: str, words: str, brought: Sequence[Contribution]) -> list[Problem]:
        """Add what a plugin brings of one kind; an item whose name is taken is left out and told."""
        problems = []
        shelved = self.items.setdefault(words, {})
        for item in brought:
            if item.name in shelved:
                problems.append(_defined_twice(f'the {word} "{item.name}"', plugin, self._owners[words, item.name]))
            else:
                shelved[item.name] = item
                self._owners[words, item.name] = plugin
        return problems

    def origins(self, words: str) -> dict[str, str]:
        """From the names of one kind to those of their plugins."""
        return {name: plugin for (kind, name), plugin in self._owners.items() if kind == words}

    def brought(self) -> dict[str, dict[str, tuple[Contribution, ...]]]:
        """Everything, by plugin and by kind."""
        found: dict[str, dict[str, tuple[Contribution, ...]]] = {name: {} for name in (BUILTIN, *self.objects)}
        for (words, name), plugin in self._owners.items():
            of_plugin = found.setdefault(plugin, {})
            of_plugin[words] = (*of_plugin.get(words, ()), self.items[words][name])
        return found


def _load_one(name: str, base: Path, shelf: _Shelf, loaded: Plugins | None) -> list[Problem]:
    from policy_engine.plugins.contributions import KINDS
    from policy_engine.plugins.examination import actions_of, contributions_of, examine  # brings pluggy

    try:
        plugin = _object(name, base, loaded)
        problems = examine(name, plugin)
        if problems:
            return problems
        actions = actions_of(name, plugin)
        others = [(kind, contributions_of(name, plugin, kind)) for kind in KINDS]
    except PluginProblemError as stopped:
        return [stopped.problem]
    problems = shelf.put(name, *_ACTIONS, actions)
    for kind, brought in others:
        problems += shelf.put(name, kind.word, kind.words, brought)
    shelf.objects[name] = plugin
    return problems


def _object(name: str, base: Path, loaded: Plugins | None) -> object:
    from policy_engine.plugins.sources import load_source  # reads what is installed, which nobody else needs

    if loaded is None:
        return load_source(name, base)
    if name not in loaded.objects:
        problem = Problem("PE408", f'plugin "{name}" is new: a reload loads no code', "restart the service")
        raise PluginProblemError(problem)
    return loaded.objects[name]


def _defined_twice(what: str, plugin: str, other: str) -> Problem:
    if other == BUILTIN:
        taken = "which is built in"
    else:
        taken = "twice" if other == plugin else f'which plugin "{other}" brings too'
    return Problem("PE405", f'plugin "{plugin}" brings {what}, {taken}', "rename one")
