"""``policy-engine scrub``: a log without its secrets, to be shared."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.policy_option import add_policy_option
from policy_engine.cli.readable import require_readable
from policy_engine.compile import load_policy_layers
from policy_engine.privacy.lines import scrubbed
from policy_engine.simulate import Input
from policy_engine.simulate.reading.lines import Lines

_EPILOG = """\
examples:
  policy-engine scrub app.log > shareable.log
  journalctl -u shop | policy-engine scrub -p policies/ - --out shop.log
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``scrub`` to the command's parser."""
    parser = subparsers.add_parser(
        "scrub",
        help="take secrets out of a log",
        description="Write a log without its secrets, as the policy's [privacy] finds them. Standard error tells how "
        "many lines were changed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help='a log, gzipped or not; "-" is standard input')
    add_policy_option(parser)
    add("--out", metavar="FILE", help="write to this file instead of standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Scrub the file, and return the exit code."""
    policy = load_policy_layers(arguments.policy or ())
    if policy.scrubber.lacks_key:
        raise CannotRunError("the policy makes pseudonyms, and their key is not to be had: set it, or leave them out")
    given = Input(arguments.file)
    require_readable([given])
    if arguments.out is not None and given.is_file(arguments.out):
        raise CannotRunError(f"--out {arguments.out}: this is the input, which it would overwrite")
    with given.open() as stream:
        lines = Lines(stream)
        total = changed = 0
        with _output(arguments.out) as output:
            for piece in scrubbed(lines, policy.scrubber):
                output.write(f"{piece.text}\n")
                total += piece.lines
                changed += piece.lines if piece.changed else 0
    if lines.problem:
        raise CannotRunError(f"{given.shown}: {lines.problem}; what came before it is scrubbed")
    if not total:
        raise CannotRunError(f"{given.shown}: it is empty: there is nothing to scrub")
    print(f"{total} line{'' if total == 1 else 's'}, {changed} changed", file=sys.stderr)
    return Exit.CLEAN


def _output(name: str | None) -> nullcontext[TextIO] | TextIO:
    if name is None:
        return nullcontext(sys.stdout)
    return Path(name).open("w", encoding="utf-8", errors="backslashreplace")
