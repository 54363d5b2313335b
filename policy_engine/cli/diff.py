"""``policy-engine diff``: what a change of a policy changes, in meaning and over recorded errors."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from policy_engine.cli.diff_markdown import as_markdown
from policy_engine.cli.diff_text import as_text
from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.progress import Progress
from policy_engine.cli.readable import require_format, require_readable
from policy_engine.clock import SystemClock
from policy_engine.compile import CheckResult, Policy, check_policy, compile_policy
from policy_engine.policy import Document
from policy_engine.policy.diagnostics import failed
from policy_engine.simulate import Input
from policy_engine.simulate.diff import Behaviour, Change, compare_behaviour, compare_meaning
from policy_engine.simulate.diff.behaviour import behaviour_as_data
from policy_engine.simulate.diff.revisions import RevisionError, Source, opened
from policy_engine.simulate.formats import NAMES, plugin_formats
from policy_engine.simulate.reading import Reader

_EPILOG = """\
exit codes: 0 compared; 1 a policy is not valid, or with --exit-code there is a difference; 2 it could not be compared

examples:
  policy-engine diff policies.old/ policies/
  policy-engine diff HEAD~1:policies policies --on last-week.log.gz
  policy-engine diff origin/main:policies HEAD:policies --on errors.jsonl --format markdown > comment.md
"""


class Comparison(NamedTuple):
    """All that is told: the names of both policies, what changed, and what became of recorded errors, if asked."""

    old: str
    new: str
    changes: Sequence[Change]
    behaviour: Behaviour | None
    top: int

    @property
    def differs(self) -> bool:
        """Whether behaviour differs; where nothing was replayed, whether anything changed."""
        return bool(self.changes) if self.behaviour is None else self.behaviour.differs


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``diff`` to the command's parser."""
    parser = subparsers.add_parser(
        "diff",
        help="show what a change of a policy changes",
        description="Show what changed in meaning between two policies, and with --on what both make of errors.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("old", metavar="OLD", help="a policy's file or folder, or REV:path for one in git")
    add("new", metavar="NEW", help="likewise")
    add("--on", nargs="+", default=[], metavar="FILE", help='logs or recorded errors for both; "-" is standard input')
    add("--log-format", metavar="NAME", help="the format of these files; without it, each line tells")
    add(
        "--breaker",
        action="append",
        default=[],
        metavar="NAME",
        help="all errors in these files are failed calls of this circuit breaker",
    )
    add("--top", type=int, default=10, metavar="N", help="how many examples and entries to show (default: 10)")
    add("--format", choices=("text", "json", "markdown"), default="text", help="how it is printed (default: text)")
    add("--exit-code", action="store_true", help="exit 1 when behaviour differs; without --on, when anything changed")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, and return the exit code."""
    inputs = [Input(name) for name in arguments.on]
    require_readable(inputs)
    with ExitStack() as stack:
        try:
            sources = [stack.enter_context(opened(name)) for name in (arguments.old, arguments.new)]
        except RevisionError as error:
            raise CannotRunError(str(error)) from error
        checked = [check_policy([source.path]) for source in sources]
        if not all(_is_valid(each, source) for each, source in zip(checked, sources, strict=True)):
            missing = any(found.code in ("PE105", "PE107") for each in checked for found in each.diagnostics)
            return Exit.COULD_NOT_RUN if missing else Exit.FINDINGS
        comparison = _compared(arguments, checked, sources, inputs)
    if comparison.behaviour is not None and not _was_something(comparison.behaviour):
        return Exit.COULD_NOT_RUN  # and prints nothing that could pass for a clean bill of health
    print(_RENDERINGS[arguments.format](comparison))
    return Exit.FINDINGS if arguments.exit_code and comparison.differs else Exit.CLEAN


def _is_valid(checked: CheckResult, source: Source) -> bool:
    wrong = checked.document is None or checked.plugins is None or failed(checked.diagnostics)
    if wrong:
        for diagnostic in checked.diagnostics:
            if diagnostic.severity == "error":
                print(source.named(str(diagnostic)), file=sys.stderr)
    return not wrong


def _compared(
    arguments: argparse.Namespace, checked: Sequence[CheckResult], sources: Sequence[Source], inputs: Sequence[Input]
) -> Comparison:
    old, new = (_document(each) for each in checked)
    changes = [_named(change, sources) for change in compare_meaning(old, new)]
    behaviour = None
    if inputs:
        policies = [_compiled(each) for each in checked]
        known = {name for policy in policies for name in policy.breakers}
        unknown = [name for name in arguments.breaker if name not in known]
        if unknown:
            raise CannotRunError(
                f"--breaker {unknown[0]}: neither policy has it; there are: {', '.join(sorted(known))}"
            )
        renamed = {change.former: change.name for change in changes if change.former and change.what == "rule"}
        behaviour = _behaviour(arguments, policies, inputs, renamed)
    return Comparison(arguments.old, arguments.new, changes, behaviour, arguments.top)


def _behaviour(
    arguments: argparse.Namespace, policies: Sequence[Policy], inputs: Sequence[Input], renamed: Mapping[str, str]
) -> Behaviour:
    formats = {each.name: each for policy in policies for each in plugin_formats(policy.plugins)}
    require_format("--log-format", arguments.log_format, (*NAMES, *formats))
    now = SystemClock().time()
    with Progress(sys.stderr) as progress:

        def reader(each: Input) -> Reader:
            return Reader(
                each.open(),
                format_name=arguments.log_format,
                more_formats=tuple(formats.values()),
                reference=each.written(now),
                on_block=progress.show,
            )

        return compare_behaviour(
            policies[0], policies[1], inputs, reader=reader, breakers=arguments.breaker, renamed=renamed
        )


def _document(checked: CheckResult) -> Document:
    assert checked.document is not None  # noqa: S101  an invalid policy ended the command
    return checked.document


def _compiled(checked: CheckResult) -> Policy:
    assert checked.plugins is not None  # noqa: S101  likewise
    return compile_policy(_document(checked), checked.plugins)


def _named(change: Change, sources: Sequence[Source]) -> Change:
    origin = change.origin
    for source in sources:
        origin = source.named(origin)
    return replace(change, origin=origin)


def _was_something(behaviour: Behaviour) -> bool:
    """Whether there was something to read: an empty input is no proof of anything."""
    fine = True
    for each in behaviour.inputs:
        if each.problem:
            print(f"policy-engine: {each.name}: {each.problem}", file=sys.stderr)
            fine = fine and each.counts.lines > 0
        elif not each.counts.lines:
            print(f"policy-engine: {each.name}: it is empty: there is nothing to compare on", file=sys.stderr)
            fine = False
    timeless = behaviour.errors - behaviour.timed
    if timeless:
        told = f"{timeless} of {behaviour.errors} errors have no time: they move no level and fill no window"
        print(f"policy-engine: {told}", file=sys.stderr)
    return fine


def _as_json(comparison: Comparison) -> str:
    behaviour = comparison.behaviour
    data = {
        "old": comparison.old,
        "new": comparison.new,
        "changes": [
            {
                "kind": change.kind,
                "what": change.what,
                "name": change.name,
                "note": change.note or None,
                "details": [
                    {"key": detail.key or None, "before": detail.before or None, "after": detail.after or None}
                    for detail in change.details
                ],
                "origin": change.origin,
            }
            for change in comparison.changes
        ],
        "behaviour": None if behaviour is None else behaviour_as_data(behaviour, comparison.top),
        "differs": comparison.differs,
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


_RENDERINGS = {"text": as_text, "json": _as_json, "markdown": as_markdown}
