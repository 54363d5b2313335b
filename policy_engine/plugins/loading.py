"""Loading the plugins that a policy names: each by itself, so that a broken one is a finding and spoils no other.

Hooks are resolved here, once; what is left is frozen values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy_engine.plugins.problems import PluginProblemError, Problem
from policy_engine.policy import Diagnostic, Span
from policy_engine.policy.diagnostics import finding
from policy_engine.recover import Action

BUILTIN = "built in"

Locate = Callable[[tuple[str | int, ...]], Span | None]
"""Where the value at a path of the policy stands."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What the loaded plugins bring."""

    actions: Mapping[str, Action]
    origins: Mapping[str, str]
    """From an action's name to that of its plugin, as the policy has it."""
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
    shelf.put(BUILTIN, [*builtin.policy_engine_actions(), command_action(allow_commands)])
    findings: list[Diagnostic] = []
    for name in dict.fromkeys(names):
        for problem in _load_one(name, (folders or {}).get(name, base), shelf, loaded):
            span = locate(("plugins", names.index(name))) if locate is not None else None
            findings.append(finding(problem.code, problem.message, span=span, file=file, help=problem.help))
    return Plugins(shelf.actions, shelf.origins, tuple(findings), shelf.objects)


def action_schemas(actions: Mapping[str, Action]) -> dict[str, Mapping[str, object]]:
    """Return the JSON Schema of each action's parameters, by the action's name."""
    return {name: action.schema for name, action in actions.items()}


class _Shelf:
    """What was loaded so far."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}
        self.origins: dict[str, str] = {}
        self.objects: dict[str, object] = {}

    def put(self, plugin: str, actions: Sequence[Action]) -> list[Problem]:
        """Add a plugin's actions; one whose name is taken is left out and told."""
        problems = []
        for action in actions:
            if action.name in self.actions:
                problems.append(_defined_twice(action.name, plugin, self.origins[action.name]))
            else:
                self.actions[action.name] = action
                self.origins[action.name] = plugin
        return problems


def _load_one(name: str, base: Path, shelf: _Shelf, loaded: Plugins | None) -> list[Problem]:
    from policy_engine.plugins.examination import actions_of, examine  # brings pluggy

    try:
        plugin = _object(name, base, loaded)
        problems = examine(name, plugin)
        if problems:
            return problems
        problems = shelf.put(name, actions_of(name, plugin))
    except PluginProblemError as stopped:
        return [stopped.problem]
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


def _defined_twice(action: str, plugin: str, other: str) -> Problem:
    if other == BUILTIN:
        taken = "which is built in"
    else:
        taken = "twice" if other == plugin else f'which plugin "{other}" brings too'
    return Problem("PE405", f'plugin "{plugin}" brings the action "{action}", {taken}', "rename one")
