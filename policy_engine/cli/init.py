"""``policy-engine init``: a folder to start from, with a policy, its tests, and checks for CI."""

from __future__ import annotations

import argparse
from pathlib import Path

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.schema import known_plugins
from policy_engine.plugins.schemas import schema_texts
from policy_engine.starting import PROFILES, write_start

_EPILOG = """\
examples:
  policy-engine init .
  policy-engine init --profile websocket-bot bot/
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``init`` to the command's parser."""
    parser = subparsers.add_parser(
        "init",
        help="write a policy to start from, with tests and CI files",
        description="Write a policy that is valid and tested, with comments, recorded errors to try changes on, and "
        "files for GitHub, GitLab and pre-commit. A file that is there already is never overwritten.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("folder", metavar="DIR", help="where to; made if it is not there")
    add("--profile", choices=PROFILES, default=PROFILES[0], help=f"what for (default: {PROFILES[0]})")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write, say what, and return the exit code."""
    try:
        written = write_start(arguments.profile, Path(arguments.folder), schema_texts(known_plugins([])))
    except FileExistsError as error:
        raise CannotRunError(f"{error}: nothing was written") from error
    except OSError as error:
        raise CannotRunError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    print(*written, sep="\n")
    print(f"\nnext: cd {arguments.folder} && policy-engine validate --strict policies && policy-engine test policies")
    return Exit.CLEAN
