"""``policy-engine show``: the policy that holds once all its files and layers are put together."""

from __future__ import annotations

import argparse

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.compile import check_layers
from policy_engine.errors import PolicyError
from policy_engine.policy.diagnostics import failed
from policy_engine.policy.shipped import policies_path
from policy_engine.policy.written import as_toml

_EPILOG = """\
examples:
  policy-engine show policies/production
  policy-engine show -p policies/base -p policies/production > effective.toml
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``show`` to the command's parser."""
    parser = subparsers.add_parser(
        "show",
        help="print the policy that holds, and where each entry comes from",
        description="Print one TOML file that means the same as all files and layers of a policy. Texts from "
        "environment variables that are no durations are named by their variable.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="a policy's file or folder; together, one layer")
    add("-p", "--policy", action="append", default=[], metavar="POLICY", help="a layer; the last one wins")
    add("--no-plugins", action="store_true", help="run no code of the plugins that the policy names")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the policy, and return the exit code."""
    if arguments.paths and arguments.policy:
        raise CannotRunError("show takes either PATHs, which are one layer, or a -p for each layer")
    layers = [[path] for path in arguments.policy] or [arguments.paths or [policies_path()]]
    checked = check_layers(layers, run_plugins=not arguments.no_plugins)
    if checked.document is None or failed(checked.diagnostics):
        raise PolicyError(checked.diagnostics)
    print(as_toml(checked.document), end="")
    return Exit.CLEAN
