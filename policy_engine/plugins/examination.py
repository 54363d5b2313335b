"""Holding a loaded plugin against the hookspecs, and asking it for what it brings.

pluggy passes over a hook with a misspelt name or without its mark in silence: here each is a finding.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import pluggy

from policy_engine.plugins import hookspecs
from policy_engine.plugins.contributions import Contribution, Kind
from policy_engine.plugins.problems import PluginProblemError, Problem, raised
from policy_engine.plugins.soundness import action_problem, contribution_problem
from policy_engine.recover import Action

_PREFIX = f"{hookspecs.PROJECT}_"


def examine(name: str, plugin: object) -> list[Problem]:
    """Return what is wrong with the plugin's hooks; none of them is called."""
    manager = _manager()
    problems = [*_hook_problems(name, plugin, manager)]
    if problems:
        return problems
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        return [Problem("PE404", f'plugin "{name}": {" ".join(str(error).split())}')]
    if not manager.get_hookcallers(plugin):
        help_text = "write a function named after a hook and mark it with @hookimpl"
        return [Problem("PE407", f'plugin "{name}" implements no hook', help_text)]
    return []


def actions_of(name: str, plugin: object) -> list[Action]:
    """Call the plugin's ``policy_engine_actions`` and return what it gives, each checked.

    Raises:
        PluginProblemError: it raised, or what it gave are no actions.
    """
    return _checked(_given(name, plugin, "policy_engine_actions"), lambda action: action_problem(name, action))


def contributions_of(name: str, plugin: object, kind: Kind) -> list[Contribution]:
    """Call the plugin's hook for one kind of contribution and return what it gives, each checked.

    Raises:
        PluginProblemError: it raised, or what it gave is of another kind, or cannot be used.
    """
    return _checked(_given(name, plugin, kind.hook), lambda brought: contribution_problem(name, kind, brought))


def called(name: str, plugin: object, hook: str, **given: object) -> list[Any]:
    """Call one hook of the plugin and return all that it gives; nothing where it gives ``None`` or is not there.

    Raises:
        PluginProblemError: it raised, or gave no list.
    """
    return [brought for several in _results(name, plugin, hook, given) for brought in several]


def _given(name: str, plugin: object, hook: str) -> list[Any]:
    """What a hook gives that is to give something: ``None`` is a ``return`` that was forgotten."""
    results = _results(name, plugin, hook, {})
    if not results and hasattr(plugin, hook):
        raise PluginProblemError(Problem("PE406", f'plugin "{name}": {hook} gave nothing', "end it with: return [...]"))
    return [brought for several in results for brought in several]


def _results(name: str, plugin: object, hook: str, given: Mapping[str, object]) -> list[list[Any]]:
    """A list for each implementation that gave something; pluggy drops what is ``None``."""
    manager = _manager()
    manager.register(plugin, name)
    try:
        return [list(several) for several in getattr(manager.hook, hook)(**given)]
    except (Exception, SystemExit) as error:
        raise PluginProblemError(raised(name, f"raised in {hook}", error)) from error


def _checked(brought: list[Any], problem_of: Callable[[Any], Problem | None]) -> list[Any]:
    for each in brought:
        problem = problem_of(each)
        if problem is not None:
            raise PluginProblemError(problem)
    return brought


def _manager() -> pluggy.PluginManager:
    # One for each plugin, so that a broken one leaves nothing behind.
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _hook_problems(name: str, plugin: object, manager: pluggy.PluginManager) -> Iterator[Problem]:
    known = [hook for hook in dir(manager.hook) if hook.startswith(_PREFIX)]
    for attribute in dir(plugin):
        marked = manager.parse_hookimpl_opts(plugin, attribute) is not None
        function = getattr(plugin, attribute, None)
        if not marked and not (attribute.startswith(_PREFIX) and inspect.isroutine(function)):
            continue
        if attribute not in known:
            close = get_close_matches(attribute, known, n=1, cutoff=0.5)
            help_text = f'did you mean "{close[0]}"?' if close else f"hooks are: {', '.join(known)}"
            yield Problem("PE403", f'plugin "{name}" implements "{attribute}", which is no hook', help_text)
        elif not marked:
            help_text = "put @hookimpl above it (from policy_engine.plugins import hookimpl)"
            yield Problem("PE403", f'plugin "{name}": "{attribute}" is not marked as a hook', help_text)
        else:
            yield from _argument_problems(name, attribute, function, manager)


def _argument_problems(
    name: str, hook: str, function: Callable[..., Any] | None, manager: pluggy.PluginManager
) -> Iterator[Problem]:
    spec = getattr(manager.hook, hook).spec
    given = inspect.signature(function).parameters if function is not None else {}
    for argument, parameter in given.items():
        if argument in spec.argnames or parameter.default is not inspect.Parameter.empty:
            continue
        takes = f"it takes {', '.join(spec.argnames)}" if spec.argnames else "it takes none"
        yield Problem("PE404", f'plugin "{name}": "{hook}" has no argument "{argument}"', takes)
