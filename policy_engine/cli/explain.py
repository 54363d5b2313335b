"""``policy-engine explain``: why an error is classified as it is, and by which lines of the policy."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.explain_text import explained
from policy_engine.clock import VirtualClock
from policy_engine.compile import load_policy_layers
from policy_engine.engine import Engine
from policy_engine.model import Occurrence, short_name
from policy_engine.simulate import Input
from policy_engine.simulate.formats.standard_types import mro_of
from policy_engine.simulate.reading import Reader

_EPILOG = """\
examples:
  policy-engine explain --exception sqlite3.OperationalError --message 'database is locked'
  policy-engine explain --exception httpx.HTTPStatusError --attribute status_code=503
  policy-engine explain -p policies/ app.log
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``explain`` to the command's parser."""
    parser = subparsers.add_parser(
        "explain",
        help="show why an error is classified as it is",
        description="Show which rule decides about an error, what it found, and why the rules before it did not match.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help='recorded errors or a log; "-" is standard input')
    add("-p", "--policy", action="append", metavar="POLICY", help="a policy's file or folder; several are layers")
    add("--exception", metavar="TYPE", help='the exception\'s class: "module.QualName"')
    add("--message", default="", metavar="TEXT", help="its message")
    add("--attribute", action="append", default=[], metavar="NAME=VALUE", help="one of its attributes; may be repeated")
    add("--mro", metavar="A,B", help="the base classes of a type that is not of the standard library")
    add("--json", action="store_true", help="print JSON, one object an error")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain one error, or each kind of error in a file, and return the exit code."""
    engine = Engine(load_policy_layers(arguments.policy or ()), clock=VirtualClock(), dry=True)
    for number, occurrence in enumerate(_occurrences(arguments)):
        explanation = engine.explain(occurrence)
        if arguments.json:
            print(json.dumps(_described(occurrence) | explanation.to_dict(), ensure_ascii=False))
        else:
            print(*([""] if number else []), *explained(occurrence, explanation), sep="\n")
    return Exit.CLEAN


def _occurrences(arguments: argparse.Namespace) -> Iterator[Occurrence]:
    if (arguments.file is None) == (arguments.exception is None):
        raise CannotRunError("explain takes either --exception or a FILE")
    if arguments.exception is not None:
        yield _asked_for(arguments)
        return
    try:
        reader = Reader(Input(arguments.file).open())
    except OSError as error:
        raise CannotRunError(f"cannot read {arguments.file}: {error.strerror}") from error
    seen: set[tuple[str, str]] = set()
    for found in reader.errors():
        kind = (found.occurrence.type, found.occurrence.message)
        if kind not in seen:
            seen.add(kind)
            yield found.occurrence
    if not seen:
        raise CannotRunError(f"{arguments.file} holds no error")


def _asked_for(arguments: argparse.Namespace) -> Occurrence:
    name = short_name(arguments.exception)
    mro = tuple(short_name(each.strip()) for each in arguments.mro.split(",")) if arguments.mro else mro_of(name)
    attributes = dict(_attribute(text) for text in arguments.attribute)
    return Occurrence(name, tuple(dict.fromkeys((name, *mro))), arguments.message, attributes=attributes)


def _attribute(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise CannotRunError(f'--attribute takes NAME=VALUE, not "{text}"')
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def _described(occurrence: Occurrence) -> dict[str, object]:
    return {"type": occurrence.type, "message": occurrence.message}
