"""``policy-engine plugins``: what is installed, what a plugin brings, whether an engine takes it, and a new one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.plugins import Action, Plugins, load_plugins
from policy_engine.plugins.scaffold import write_plugin
from policy_engine.plugins.sources import GROUP
from policy_engine.policy import Diagnostic
from policy_engine.policy.render import as_dict, as_text

_EPILOG = """\
examples:
  policy-engine plugins list
  policy-engine plugins show sqlalchemy.dispose_pool
  policy-engine plugins check ./restart_worker.py
  policy-engine plugins new acme-mail
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``plugins`` and what it can do to the command's parser."""
    parser = subparsers.add_parser(
        "plugins",
        help="list, show, check and write plugins",
        description="What is installed, what it brings, whether an engine takes it, and a new one to start from.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    listing = verbs.add_parser("list", help="the installed plugins and their actions")
    listing.set_defaults(run=_list)
    showing = verbs.add_parser("show", help="one action: what it does, and its parameters")
    showing.add_argument("action", help='an action\'s name, as in "wait"')
    showing.add_argument(
        "--plugin", action="append", default=[], metavar="NAME", help="look in this plugin too: a file, for example"
    )
    showing.set_defaults(run=_show)
    checking = verbs.add_parser("check", help="load plugins as an engine would, and tell what is wrong")
    checking.add_argument("names", nargs="+", metavar="NAME", help="an installed plugin, or a file")
    checking.set_defaults(run=_check)
    for each in (listing, showing, checking):
        each.add_argument("--json", action="store_true", help="print JSON")
    new = verbs.add_parser("new", help="write the package of a new plugin into ./NAME")
    new.add_argument("name", metavar="NAME", help='lower case letters, digits and "-", as in "acme-mail"')
    new.set_defaults(run=_new)


def _list(arguments: argparse.Namespace) -> int:
    installed = sorted({point.name for point in entry_points(group=GROUP)})
    plugins = load_plugins(installed, Path())
    by_plugin: dict[str, list[Action]] = {plugins.origins["wait"]: []}
    by_plugin.update({name: [] for name in installed})
    for name, action in plugins.actions.items():
        by_plugin[plugins.origins[name]].append(action)
    if arguments.json:
        _print_json({name: [_as_data(action) for action in actions] for name, actions in by_plugin.items()})
    else:
        for name, actions in by_plugin.items():
            _print_table(name, actions)
    _report(plugins.diagnostics)
    return Exit.CLEAN


def _show(arguments: argparse.Namespace) -> int:
    installed = {point.name for point in entry_points(group=GROUP)}
    plugins = load_plugins([*arguments.plugin, *sorted(installed - set(arguments.plugin))], Path())
    action = plugins.actions.get(arguments.action)
    if action is None:
        _report(plugins.diagnostics)
        raise CannotRunError(f'no action "{arguments.action}": there are {", ".join(plugins.actions)}')
    if arguments.json:
        _print_json(_as_data(action))
    else:
        _print_action(action, plugins)
    return Exit.CLEAN


def _check(arguments: argparse.Namespace) -> int:
    plugins = load_plugins(arguments.names, Path(), file="command line")
    if arguments.json:
        findings = [as_dict(diagnostic) for diagnostic in plugins.diagnostics]
        _print_json({"diagnostics": findings, "plugins": {name: _of(plugins, name) for name in plugins.objects}})
    else:
        if plugins.diagnostics:
            print(as_text(plugins.diagnostics, {}))
        for name in plugins.objects:
            print(f"{name}: good; its actions: {', '.join(_of(plugins, name))}")
    return Exit.FINDINGS if plugins.diagnostics else Exit.CLEAN


def _new(arguments: argparse.Namespace) -> int:
    try:
        written = write_plugin(arguments.name, Path())
    except FileExistsError:
        raise CannotRunError(f'"{arguments.name}" is there already: choose another name, or move it away') from None
    except (ValueError, OSError) as error:
        raise CannotRunError(str(error)) from None
    for path in written:
        print(path)
    print(f"\nnext: cd {arguments.name}; pip install -e '.[dev]'; pytest")
    return Exit.CLEAN


def _of(plugins: Plugins, plugin: str) -> list[str]:
    return [action for action, origin in plugins.origins.items() if origin == plugin]


def _print_table(plugin: str, actions: Sequence[Action]) -> None:
    print(plugin)
    width = max((len(action.name) for action in actions), default=0)
    for action in actions:
        print(f"  {action.name:<{width}}  {action.description}".rstrip())


def _print_action(action: Action, plugins: Plugins) -> None:
    print(f"{action.name} ({plugins.origins[action.name]})")
    if action.description:
        print(action.description)
    properties = action.schema.get("properties")
    required = action.schema.get("required")
    if isinstance(properties, Mapping):
        for name, schema in properties.items():
            needed = "" if isinstance(required, list) and name in required else " (may be left out)"
            print(f"  {name}{needed}: {_described(schema)}")


def _described(schema: object) -> str:
    if not isinstance(schema, Mapping):
        return "any value"
    kind = schema.get("type") or " or ".join(json.dumps(value) for value in schema.get("enum", ())) or "any value"
    return " - ".join(str(part) for part in (kind, schema.get("description")) if part)


def _as_data(action: Action) -> dict[str, Any]:
    return {"name": action.name, "description": action.description, "schema": dict(action.schema)}


def _report(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        print(as_text(diagnostics, {}), file=sys.stderr)


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))
