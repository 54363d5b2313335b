"""``policy-engine test``: run a policy's tests in virtual time."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TextIO

from policy_engine.cli.exit import Exit
from policy_engine.cli.test_output import as_json, as_junit, as_text
from policy_engine.clock import SystemClock
from policy_engine.policy.diagnostics import Diagnostic, finding
from policy_engine.simulate.policy_tests import SuiteResult, run_suite

_EPILOG = """\
exit codes: 0 all passed, 1 a test failed, none was found, or a file or policy is not right, 2 a path is not there

examples:
  policy-engine test policies/
  policy-engine test -p policies/ tests/policy --coverage --fail-under 90
  policy-engine test policies/ -k breaker --format junit > report.xml
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``test`` to the command's parser."""
    parser = subparsers.add_parser(
        "test",
        help="run a policy's tests",
        description="Run the tests in *.test.toml files: what happens when, and what the policy must then have done.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="a test file, or a folder with *.test.toml files")
    add(
        "-p",
        "--policy",
        action="append",
        default=[],
        metavar="POLICY",
        help="the policy of all tests, several are layers; default: what each file names, or the one around it",
    )
    add("-k", dest="word", default="", metavar="WORD", help="only tests with this word in their name or their file's")
    add("--seed", type=int, default=0, metavar="N", help="of the randomness in jitter (default: 0)")
    add("--coverage", action="store_true", help="show what of the policy no test made work")
    add("--fail-under", type=float, metavar="PCT", help="fail when less than this is covered, in percent")
    add("--format", choices=("text", "json", "junit"), default="text", help="how results are printed (default: text)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the tests, print what came of them, and return the exit code."""
    clock = SystemClock()
    began = datetime.fromtimestamp(clock.time(), UTC)
    result = run_suite(arguments.paths, policy=arguments.policy, word=arguments.word, seed=arguments.seed, clock=clock)
    below = _below(result, arguments.fail_under)
    covers = arguments.coverage or arguments.fail_under is not None
    if arguments.format == "json":
        print(as_json(result, below, covers=covers))
    elif arguments.format == "junit":
        print(as_junit(result, below, began))
    else:
        output = sys.stderr if result.could_not_run else sys.stdout
        print(as_text(result, below, covers=covers, colour=_in_colour(output)), file=output)
    if result.could_not_run:
        return Exit.COULD_NOT_RUN
    return Exit.FINDINGS if result.failed or below else Exit.CLEAN


def _below(result: SuiteResult, least: float | None) -> list[Diagnostic]:
    if least is None or result.percent >= least:
        return []
    message = f"{result.percent:.1f} % of the policy is covered, which is less than {least:g} %"
    return [finding("PE508", message, file="coverage")]


def _in_colour(output: TextIO) -> bool:
    return output.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
