"""``policy-engine pseudonym``: what a value is called in the store, in logs and in reports, under each key."""

from __future__ import annotations

import argparse
import json
import sys

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.policy_option import add_policy_option
from policy_engine.compile import load_policy_layers
from policy_engine.privacy.keys import keys_of, with_paths

_EPILOG = """\
The value is read from standard input where none is given, or "-", so that no shell keeps it.

examples:
  policy-engine pseudonym -p policies/ < user.txt
  policy-engine pseudonym -p policies/ 12345
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``pseudonym`` to the command's parser."""
    parser = subparsers.add_parser(
        "pseudonym",
        help="look up the pseudonyms of a value",
        description="Print the pseudonyms of one value, under the key in use and under those used before it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("value", nargs="?", metavar="VALUE", help="the value of a field, such as a user's id")
    add_policy_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    document = load_policy_layers(arguments.policy or ()).document
    if "pseudonymise" not in document.data.get("privacy", {}):
        raise CannotRunError("the policy has no pseudonyms: give -p POLICY with [privacy] pseudonymise")
    value = sys.stdin.readline().rstrip("\r\n") if arguments.value in (None, "-") else arguments.value
    if not value:
        raise CannotRunError("there is no value: give one, or write it to standard input")
    keys = list(keys_of(with_paths(document)))
    found = {key.name: key.pseudonyms.of(value) for key in keys if key.pseudonyms is not None}
    for key in keys:
        if key.pseudonyms is None:
            print(f"policy-engine: {key.missing}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, pseudonym in found.items():
            print(f"{pseudonym}  {name}")
    return Exit.CLEAN if len(found) == len(keys) else Exit.COULD_NOT_RUN
