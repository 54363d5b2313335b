"""Holding a loaded plugin against the hookspecs, and asking it for what it brings.

pluggy passes over a hook with a misspelt name or without its mark in silence: here each is a finding.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import pluggy

from policy_engine.plugins import hookspecs
from policy_engine.plugins.problems import PluginProblemError, Problem, raised
from policy_engine.recover import Action
from policy_engine.recover.options import STEP_KEYS

_PREFIX = f"{hookspecs.PROJECT}_"
_ACTION_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


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
    manager = _manager()
    manager.register(plugin, name)
    try:
        found = [action for given in manager.hook.policy_engine_actions() for action in given]
    except (Exception, SystemExit) as error:
        raise PluginProblemError(raised(name, "raised in policy_engine_actions", error)) from error
    for action in found:
        problem = _action_problem(name, action)
        if problem is not None:
            raise PluginProblemError(problem)
    return found


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


def _action_problem(name: str, action: object) -> Problem | None:
    if not isinstance(action, Action):
        given = type(action).__name__
        return Problem("PE406", f'plugin "{name}": policy_engine_actions gave a {given}, not an Action')
    if not _ACTION_NAME.fullmatch(action.name):
        help_text = 'lower case letters, digits and "_", in parts joined by dots: "acme.restart_worker"'
        return Problem("PE406", f'plugin "{name}": "{action.name}" is no name for an action', help_text)
    if not callable(action.run):
        return Problem("PE406", f'plugin "{name}": the action "{action.name}" has nothing that can be called')
    return _schema_problem(name, action)


def _schema_problem(name: str, action: Action) -> Problem | None:
    import jsonschema  # costs 50 ms, and only a policy that names plugins needs it

    try:
        jsonschema.Draft202012Validator.check_schema(action.schema)
    except jsonschema.SchemaError as error:
        return Problem("PE406", f'plugin "{name}": the schema of "{action.name}" is none: {error.message}')
    properties = action.schema.get("properties", {})
    taken = sorted(STEP_KEYS.intersection(properties)) if isinstance(properties, Mapping) else []
    if taken:
        message = f'plugin "{name}": the parameter "{taken[0]}" of "{action.name}" is a key that every step has'
        return Problem("PE406", message, "give it another name")
    return None
