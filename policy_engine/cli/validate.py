"""``policy-engine validate``: everything that is wrong with a policy, at once, each at its line and column."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from policy_engine import __version__
from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.clock import SystemClock
from policy_engine.compile import CheckResult, check_layers
from policy_engine.policy.diagnostics import failed
from policy_engine.policy.render import as_github, as_json, as_junit, as_sarif, as_text

_EPILOG = """\
exit codes: 0 nothing is wrong (warnings aside, unless --strict), 1 something is, 2 a file could not be read

examples:
  policy-engine validate policies/
  policy-engine validate --format json -p base -p production
  policy-engine validate --strict --format sarif policies/ > policy.sarif
"""

_FORMATS = ("text", "json", "github", "sarif", "junit")

_COULD_NOT_BE_READ = frozenset({"PE105", "PE107"})
"""Codes of findings about the command's arguments and the file system, not about a policy."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``validate`` to the command's parser."""
    parser = subparsers.add_parser(
        "validate",
        help="check a policy",
        description="Check a policy: its form, its values, the names it uses, and whether all of it has an effect.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="a policy's file, or a folder of *.toml files; together, one policy")
    add("-p", "--policy", action="append", default=[], metavar="POLICY", help="a layer; the last one wins")
    add("--format", choices=_FORMATS, default="text", help="how findings are printed (default: text)")
    add("--strict", action="store_true", help="fail on warnings too")
    add("--no-plugins", action="store_true", help="run no code of the plugins that the policy names")
    add("--resolve", action="store_true", help="import the exception classes that the policy names, and look for them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and return the exit code."""
    if bool(arguments.paths) == bool(arguments.policy):
        raise CannotRunError("validate takes either PATHs, which are one policy, or a -p for each of its layers")
    checked = _check(arguments)
    could_not_run = any(diagnostic.code in _COULD_NOT_BE_READ for diagnostic in checked.diagnostics)
    if arguments.format == "text":
        _print_findings(checked, sys.stderr if could_not_run else sys.stdout)
        if not could_not_run:
            print(f"\n{_summary(checked)}" if checked.diagnostics else _summary(checked))
    else:
        _print_for_machines(checked, arguments.format, strict=arguments.strict)
    if could_not_run:
        return Exit.COULD_NOT_RUN
    return Exit.FINDINGS if failed(checked.diagnostics, strict=arguments.strict) else Exit.CLEAN


def _check(arguments: argparse.Namespace) -> CheckResult:
    layers = [[path] for path in arguments.policy] or [arguments.paths]
    # All that is read is kept to the end; looking for garbage among it takes a sixth of the time.
    gc.disable()
    try:
        return check_layers(layers, run_plugins=not arguments.no_plugins, advice=True, resolve=arguments.resolve)
    finally:
        gc.enable()


def _print_for_machines(checked: CheckResult, form: str, *, strict: bool) -> None:
    if form == "json":
        text = as_json(checked.diagnostics)
    elif form == "github":
        text = as_github(checked.diagnostics)
    elif form == "sarif":
        text = as_sarif(checked.diagnostics, version=__version__)
    else:
        began = datetime.fromtimestamp(SystemClock().time(), UTC)
        text = as_junit(checked.diagnostics, checked.sources, began, strict=strict)
    if text:
        print(text)


def _print_findings(checked: CheckResult, output: TextIO) -> None:
    if checked.diagnostics:
        print(as_text(checked.diagnostics, checked.sources, colour=_in_colour(output)), file=output)


def _in_colour(output: TextIO) -> bool:
    return output.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _summary(checked: CheckResult) -> str:
    data = checked.document.data if checked.document is not None else {}
    read = f"{_counted(len(checked.sources), 'file')}, {_counted(_rules(data), 'rule')}"
    counts = {
        severity: sum(diagnostic.severity == severity for diagnostic in checked.diagnostics)
        for severity in ("error", "warning")
    }
    found = ", ".join(_counted(count, severity) for severity, count in counts.items() if count)
    return f"{read}: {found or 'no findings'}"


def _rules(data: Mapping[str, Any]) -> int:
    rules = data.get("rules")
    return len(rules) if isinstance(rules, list) else 0


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
