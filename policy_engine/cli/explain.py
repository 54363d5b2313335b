"""``policy-engine explain``: why an error is classified as it is, and by which lines of the policy."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections.abc import Iterator

from policy_engine.capture import RESPONSE_PARTS
from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.policy_option import add_policy_option
from policy_engine.clock import VirtualClock
from policy_engine.compile import load_policy_layers
from policy_engine.engine import Engine
from policy_engine.model import Occurrence, short_name
from policy_engine.privacy.terminal import safe
from policy_engine.simulate import Input
from policy_engine.simulate.formats.standard_types import mro_of
from policy_engine.simulate.reading import Reader

_PART = r"(?:[^\W\d][\w$]*|<locals>)"
_CLASS = re.compile(rf"{_PART}(?:\.{_PART})*")
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_EPILOG = """\
examples:
  policy-engine explain --exception sqlite3.OperationalError --message 'database is locked'
  policy-engine explain --exception httpx.HTTPStatusError --attribute status_code=503
  policy-engine explain --message 'connection reset by peer'
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
    add_policy_option(parser)
    add("--exception", metavar="TYPE", help='the exception\'s class: "module.QualName"')
    add("--message", metavar="TEXT", help="its message")
    add(
        "--attribute",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one of its attributes, or response.NAME of an HTTP client's; may be repeated",
    )
    add("--mro", metavar="A,B", help="the base classes of a type that is not of the standard library")
    add("--json", action="store_true", help="print JSON, one object an error")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain one error, or each kind of error in a file, and return the exit code."""
    engine = Engine(load_policy_layers(arguments.policy or ()), clock=VirtualClock(), dry=True)
    for number, occurrence in enumerate(_occurrences(arguments)):
        explanation = engine.explain(occurrence)
        if arguments.json:
            print(json.dumps(explanation.to_dict(), ensure_ascii=False))
        else:
            print(*([""] if number else []), safe(str(explanation)), sep="\n")
    return Exit.CLEAN


def _occurrences(arguments: argparse.Namespace) -> Iterator[Occurrence]:
    described = any(
        each not in (None, []) for each in (arguments.exception, arguments.message, arguments.attribute, arguments.mro)
    )
    if arguments.file is None:
        yield _asked_for(arguments)
        return
    if described:
        raise CannotRunError("explain takes either a FILE or an error described by options, not both")
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
    if arguments.exception is None and not arguments.message:
        raise CannotRunError("explain takes --exception TYPE, --message TEXT or both, or a FILE")
    if arguments.exception is None and arguments.mro is not None:
        raise CannotRunError("--mro takes the base classes of the type that --exception names")
    name = "" if arguments.exception is None else _class("--exception", arguments.exception)
    mro = mro_of(name) if arguments.mro is None else tuple(_class("--mro", each) for each in arguments.mro.split(","))
    attributes = dict(_attribute(text) for text in arguments.attribute)
    own = (name,) if name else ()
    return Occurrence(name, tuple(dict.fromkeys((*own, *mro))), arguments.message or "", attributes=attributes)


def _class(option: str, text: str) -> str:
    """The name of a class as it is kept."""
    name = text.strip()
    if _CLASS.fullmatch(name) is None:
        raise CannotRunError(f'{option} takes the name of a class, such as "sqlite3.OperationalError", not "{text}"')
    return short_name(name)


def _attribute(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or _NAME.fullmatch(name) is None:
        raise CannotRunError(f'--attribute takes NAME=VALUE, such as "status_code=503", not "{text}"')
    return RESPONSE_PARTS.get(name, name), _value(value)


def _value(text: str) -> object:
    """A number, a truth value or a quoted text as TOML has it; anything else is text as it stands."""
    try:
        data = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = data.pop("value")
    return value if isinstance(value, str | int | float) and not data else text
