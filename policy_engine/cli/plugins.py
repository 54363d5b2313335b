"""``policy-engine plugins``: what is installed, what a plugin brings, whether an engine takes it, and a new one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.plugins import Plugins, load_plugins
from policy_engine.plugins.contributions import Contribution
from policy_engine.plugins.loading import BUILTIN
from policy_engine.plugins.scaffold import write_plugin
from policy_engine.plugins.sources import GROUP
from policy_engine.policy import Diagnostic
from policy_engine.policy.render import as_dict, as_text

Brought = Mapping[str, tuple[Contribution, ...]]
"""What one plugin brings, by what such things are called."""

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
    listing = verbs.add_parser("list", help="the installed plugins and what they bring")
    listing.set_defaults(run=_list)
    showing = verbs.add_parser("show", help="one thing that a plugin brings: what it is for, and its parameters")
    showing.add_argument("name", help='the name of an action, a metric or another thing, as in "wait"')
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
    if arguments.json:
        _print_json({name: _as_list(_brought(plugins, name)) for name in (BUILTIN, *installed)})
    else:
        for name in (BUILTIN, *installed):
            _print_table(name, _brought(plugins, name))
    _report(plugins.diagnostics)
    return Exit.CLEAN


def _show(arguments: argparse.Namespace) -> int:
    installed = {point.name for point in entry_points(group=GROUP)}
    plugins = load_plugins([*arguments.plugin, *sorted(installed - set(arguments.plugin))], Path())
    found = [
        (plugin, words, item)
        for plugin, brought in plugins.brought.items()
        for words, items in brought.items()
        for item in items
        if item.name == arguments.name
    ]
    if not found:
        _report(plugins.diagnostics)
        names = dict.fromkeys(item.name for plugin in plugins.brought for _, item in _items(_brought(plugins, plugin)))
        raise CannotRunError(f'no plugin brings "{arguments.name}": there are {", ".join(names)}')
    if arguments.json:
        _print_json(_as_list({words: (item,) for _, words, item in found}))
    else:
        for plugin, words, item in found:
            _print_item(item, words, plugin)
    return Exit.CLEAN


def _check(arguments: argparse.Namespace) -> int:
    plugins = load_plugins(arguments.names, Path(), file="command line")
    if arguments.json:
        findings = [as_dict(diagnostic) for diagnostic in plugins.diagnostics]
        brought = {
            name: {words: _names(items) for words, items in _brought(plugins, name).items()} for name in plugins.objects
        }
        _print_json({"diagnostics": findings, "plugins": brought})
    else:
        if plugins.diagnostics:
            print(as_text(plugins.diagnostics, {}))
        for name in plugins.objects:
            brings = (f"its {words}: {', '.join(_names(items))}" for words, items in _brought(plugins, name).items())
            lints = ("lints policies",) if hasattr(plugins.objects[name], "policy_engine_lint") else ()
            print("; ".join((f"{name}: good", *brings, *lints)))
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


def _brought(plugins: Plugins, plugin: str) -> Brought:
    return plugins.brought.get(plugin, {})


def _items(brought: Brought) -> Iterator[tuple[str, Contribution]]:
    for words, items in brought.items():
        yield from ((words, item) for item in items)


def _names(items: Sequence[Contribution]) -> list[str]:
    return [item.name for item in items]


def _print_table(plugin: str, brought: Brought) -> None:
    print(plugin)
    width = max((len(item.name) for _, item in _items(brought)), default=0)
    for words, items in brought.items():
        if list(brought) != ["actions"]:
            print(f"  {words}:")
        for item in items:
            print(f"  {item.name:<{width}}  {item.description}".rstrip())


def _print_item(item: Contribution, words: str, plugin: str) -> None:
    print(f"{item.name} ({plugin})" if words == "actions" else f"{item.name} ({words}, {plugin})")
    if item.description:
        print(item.description)
    schema = _schema_of(item)
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, Mapping):
        for name, described in properties.items():
            needed = "" if isinstance(required, list) and name in required else " (may be left out)"
            print(f"  {name}{needed}: {_described(described)}")


def _schema_of(item: Contribution) -> Mapping[str, object]:
    """The JSON Schema of its parameters; empty for what takes none."""
    schema = getattr(item, "schema", None)
    return schema if isinstance(schema, Mapping) else {}


def _described(schema: object) -> str:
    if not isinstance(schema, Mapping):
        return "any value"
    kind = schema.get("type") or " or ".join(json.dumps(value) for value in schema.get("enum", ())) or "any value"
    return " - ".join(str(part) for part in (kind, schema.get("description")) if part)


def _as_list(brought: Brought) -> list[dict[str, Any]]:
    return [
        {"kind": words, "name": item.name, "description": item.description, "schema": dict(_schema_of(item))}
        for words, item in _items(brought)
    ]


def _report(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        print(as_text(diagnostics, {}), file=sys.stderr)


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))
