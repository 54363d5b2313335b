"""``policy-engine replay``: a policy run over recorded errors and logs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, TextIO

import re2

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.numbers import whole_number
from policy_engine.cli.policy_option import add_policy_option
from policy_engine.cli.progress import Progress
from policy_engine.cli.readable import reason, require_format, require_readable
from policy_engine.cli.replay_text import report
from policy_engine.clock import SystemClock
from policy_engine.compile import Policy, load_policy_layers
from policy_engine.match.regex import options, searcher
from policy_engine.model import ErrorInfo
from policy_engine.simulate import Input, ReplaySummary, decision, replay
from policy_engine.simulate.formats import NAMES, custom_format, plugin_formats
from policy_engine.simulate.formats.custom import GROUPS
from policy_engine.simulate.formats.line_format import LineFormat
from policy_engine.simulate.reading import Found, Reader

if TYPE_CHECKING:
    from policy_engine.cli.replay_pictures import Pictures

STANDARD_OUTPUT = "-"

_NOTHING_KNOWN = (
    "no line of it is in a known format: name its format with --format, describe it with --line-regex, "
    "or say what an error is with --error-when"
)

_EPILOG = f"""\
formats:
{fill(", ".join(NAMES), 100, initial_indent="  ", subsequent_indent="  ")}

groups of --line-regex:
  {", ".join(GROUPS)}

examples:
  policy-engine replay app.log
  policy-engine replay -p policies/ --each decisions.jsonl errors.jsonl.gz
  journalctl -u shop -o json | policy-engine replay -
  policy-engine replay --error-when 'fail(ed|ure)' legacy.log
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``replay`` to the command's parser."""
    parser = subparsers.add_parser(
        "replay",
        help="run a policy over recorded errors",
        description="Run a policy over recorded errors and logs, in their own time and without running any action.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help='a log or JSON Lines, gzipped or not; "-" is standard input')
    add_policy_option(parser)
    add("--format", metavar="NAME", help="the format of all files; without it, each line tells its own")
    add(
        "--line-regex",
        metavar="REGEX",
        help="the form of a record's first line, with groups (?P<message>...) and others",
    )
    add("--error-when", metavar="REGEX", help="a record in which this is found is an error, whatever its level")
    add("--json", action="store_true", help="print the summary as JSON")
    add(
        "--each",
        metavar="FILE",
        help="write what was decided about each error to this file, as JSON Lines; - is standard output, and the "
        "summary then goes to standard error",
    )
    add("--html", metavar="FILE", help="write a page about it to this file, for a browser")
    add("--plot", metavar="FILE", help="write the errors over time to this file: .svg, or .png with the extra plot")
    add("--top", type=whole_number, default=10, metavar="N", help="how many kinds of error to show (default: 10)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    policy = load_policy_layers(arguments.policy or ())
    require_format("--format", arguments.format, (*NAMES, *policy.plugins.log_formats))
    inputs = [Input(name) for name in arguments.files]
    require_readable(inputs)
    _spare(inputs, {"--each": arguments.each, "--html": arguments.html, "--plot": arguments.plot})
    pictures = _pictures(arguments, policy)
    if arguments.each is None:
        summary = _replayed(arguments, policy, inputs, None, pictures)
    else:
        with _created(arguments.each) as file:
            summary = _replayed(arguments, policy, inputs, file, pictures)
    if pictures is not None:
        pictures.write(summary, arguments.top)
    output = sys.stderr if arguments.each == STANDARD_OUTPUT else sys.stdout
    if arguments.json:
        print(json.dumps(summary.to_dict(), ensure_ascii=False, indent=2), file=output)
    elif summary.counts.lines:
        print(report(summary), file=output)
    return _verdict(summary, arguments.format)


def _pictures(arguments: argparse.Namespace, policy: Policy) -> Pictures | None:
    if arguments.html is None and arguments.plot is None:
        return None
    from policy_engine.cli.replay_pictures import Pictures  # it brings Jinja2, for those who want a page

    return Pictures(policy, arguments.html, arguments.plot)


def _replayed(
    arguments: argparse.Namespace,
    policy: Policy,
    inputs: list[Input],
    file: TextIO | None,
    pictures: Pictures | None,
) -> ReplaySummary:
    error_when = _searcher(arguments.error_when)
    line_format = _line_format(arguments.line_regex, arguments.format)
    more_formats = plugin_formats(policy.plugins)
    now = SystemClock().time()
    with Progress(sys.stderr, _whole(inputs)) as progress:

        def reader(each: Input) -> Reader:
            return Reader(
                each.open(),
                format_name=arguments.format,
                line_format=line_format,
                more_formats=more_formats,
                error_when=error_when,
                reference=each.written(now),
                on_block=progress.show,
            )

        told = [] if file is None else [_writer(file)]
        told += [] if pictures is None else [pictures.handled]

        def each_error(found: Found, info: ErrorInfo) -> None:
            for tell in told:
                tell(found, info)

        return replay(
            policy,
            inputs,
            reader=reader,
            each=each_error if told else None,
            events=None if pictures is None else pictures.event,
            curves=None if pictures is None else pictures.curves,
            top=arguments.top,
        )


def _whole(inputs: list[Input]) -> int | None:
    sizes = [each.size() for each in inputs]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _writer(file: TextIO) -> Callable[[Found, ErrorInfo], None]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    number = 0

    def write(found: Found, info: ErrorInfo) -> None:
        nonlocal number
        number += 1
        file.write(encode(decision(found, info, number)) + "\n")

    return write


def _spare(inputs: list[Input], outputs: Mapping[str, str | None]) -> None:
    """Refuse an output that is one of the inputs: to open it would empty it before it was read."""
    for option, name in outputs.items():
        if name == STANDARD_OUTPUT and option != "--each":
            raise CannotRunError(f"{option} takes a file: only --each writes to standard output")
        if name is not None and any(each.is_file(name) for each in inputs):
            raise CannotRunError(f"{option} {name}: this is one of the inputs, which it would overwrite")


def _created(name: str) -> AbstractContextManager[TextIO]:
    if name == STANDARD_OUTPUT:
        return nullcontext(sys.stdout)
    try:
        return Path(name).open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CannotRunError(f"--each {name}: {reason(error)}") from error


def _searcher(pattern: str | None) -> Callable[[str], bool] | None:
    if pattern is None:
        return None
    try:
        re2.compile(pattern, options(ignore_case=False))  # says better than a set of patterns what is wrong
        return searcher([pattern], ignore_case=False)
    except re2.error as error:
        raise CannotRunError(f"--error-when {pattern}: {_refusal(error)}") from error


def _line_format(pattern: str | None, named: str | None) -> LineFormat | None:
    if pattern is None:
        return None
    if named is not None:
        raise CannotRunError(f"--line-regex is a format of your own: it cannot be combined with --format {named}")
    try:
        return custom_format(pattern)
    except re2.error as error:
        raise CannotRunError(f"--line-regex {pattern}: {_refusal(error)}") from error
    except ValueError as error:
        raise CannotRunError(f"--line-regex {pattern}: {error}") from error


def _refusal(error: re2.error) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _verdict(summary: ReplaySummary, forced: str | None) -> Exit:
    """Whether there was something to read: an empty input is no success, and neither is one that could not be read."""
    code = Exit.CLEAN
    for each in summary.inputs:
        if each.problem:
            # What came before is shown; a script must not take the rest for calm.
            print(f"policy-engine: {each.name}: {each.problem}", file=sys.stderr)
            code = Exit.COULD_NOT_RUN
        elif not each.counts.lines:
            print(f"policy-engine: {each.name}: it is empty: there is nothing to replay", file=sys.stderr)
            code = Exit.COULD_NOT_RUN
        if each.counts.unparsed and not each.counts.formats and not each.counts.errors:
            reason = _NOTHING_KNOWN if forced is None else f"no line of it is in the format {forced}"
            print(f"policy-engine: {each.name}: {reason}", file=sys.stderr)
            code = Exit.COULD_NOT_RUN
    return code
