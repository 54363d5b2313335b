"""``policy-engine schema``: the JSON Schemas for editors, with the parameters of all actions that are known here."""

from __future__ import annotations

import argparse
from importlib.metadata import entry_points
from pathlib import Path

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.plugins import Plugins, load_plugins
from policy_engine.plugins.schemas import schema_texts
from policy_engine.plugins.sources import GROUP
from policy_engine.policy.shipped import schema_path

_EPILOG = """\
examples:
  policy-engine schema --out schema/
  policy-engine schema --plugin ./restart_worker.py > policy.schema.json
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``schema`` to the command's parser."""
    parser = subparsers.add_parser(
        "schema",
        help="print or write the JSON Schemas for editors",
        description="Print the JSON Schema of policies, or write it and that of policy tests into a folder. The "
        "parameters of built-in actions and of installed plugins are in it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--plugin", action="append", default=[], metavar="NAME", help="a plugin to take in too: a file, for example")
    add("--out", metavar="DIR", help="write policy.schema.json and policy-test.schema.json there")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write, and return the exit code."""
    texts = schema_texts(known_plugins(arguments.plugin))
    if arguments.out is None:
        print(texts[schema_path().name], end="")
        return Exit.CLEAN
    folder = Path(arguments.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
            print(folder / name)
    except OSError as error:
        raise CannotRunError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    return Exit.CLEAN


def known_plugins(more: list[str]) -> Plugins:
    """Return what is built in, the installed plugins, and those named."""
    installed = sorted({point.name for point in entry_points(group=GROUP)})
    plugins = load_plugins([*installed, *more], Path())
    if plugins.diagnostics:
        raise CannotRunError("\n".join(str(diagnostic) for diagnostic in plugins.diagnostics))
    return plugins
