"""``policy-engine simulate``: one scenario of a policy test file, told and drawn instead of judged."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.picture_files import form_of, writable
from policy_engine.clock import VirtualClock
from policy_engine.compile import Policy, load_policy_layers
from policy_engine.engine import Engine
from policy_engine.model import BreakerChanged, ErrorHandled, Event, LevelChanged
from policy_engine.policy import Diagnostic
from policy_engine.policy.diagnostics import failed
from policy_engine.privacy.terminal import safe
from policy_engine.reports import Curves, Timeline, plot
from policy_engine.reports.words import duration, many, number
from policy_engine.simulate.measuring import Measuring
from policy_engine.simulate.policy_tests import Case, CaseFile, Coverage, read_cases, run_case
from policy_engine.simulate.policy_tests.names import unknown_names

_EPILOG = """\
exit codes: 0 it ran, 2 the scenario or the policy is not right

examples:
  policy-engine simulate -p policies/ outage.test.toml --plot outage.svg
  policy-engine simulate policies/tests/81-degradation.test.toml -k "forty errors" --plot forty.png
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``simulate`` to the command's parser."""
    parser = subparsers.add_parser(
        "simulate",
        help="draw what a policy makes of a scenario",
        description="Run a test of a policy in virtual time; tell when its level and circuit breakers moved, and why.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="a file *.test.toml")
    add(
        "-p",
        "--policy",
        action="append",
        default=[],
        metavar="POLICY",
        help="a policy's file or folder; default: what the scenario's file names, or the one around it",
    )
    add("-k", dest="word", default="", metavar="WORD", help="of several tests, the one with this word in its name")
    add("--plot", metavar="FILE", help="draw the timeline: .svg, or .png with the extra plot")
    add("--seed", type=int, default=0, metavar="N", help="of the randomness in jitter (default: 0)")
    parser.set_defaults(run=_run)


class _Simulated(NamedTuple):
    events: Sequence[LevelChanged | BreakerChanged]
    findings: Sequence[Diagnostic]
    errors: int
    seconds: float
    level: str


def _run(arguments: argparse.Namespace) -> int:
    form = None if arguments.plot is None else form_of(arguments.plot)
    file, case = _chosen(arguments)
    policy = load_policy_layers(file.policy)
    wrong = list(unknown_names(file, policy))
    if failed(wrong):
        raise CannotRunError("\n".join(map(str, wrong)))
    picture = writable("--plot", arguments.plot)
    timeline = Timeline(changes=policy.bounds.history, curves=Curves(policy.degradation))
    simulated = _simulate(file, case, policy, timeline, arguments.seed)
    print("\n".join(_told(case, simulated)))
    if picture is not None and form is not None:
        picture.write_bytes(plot(timeline, policy.degradation, form))
    return Exit.CLEAN


def _chosen(arguments: argparse.Namespace) -> tuple[CaseFile, Case]:
    if Path(arguments.scenario).is_dir():
        raise CannotRunError(f"{arguments.scenario}: this is a folder: name one file in it")
    read = read_cases([arguments.scenario], arguments.policy)
    if failed(read.diagnostics) or not read.files:
        raise CannotRunError("\n".join(map(str, read.diagnostics)))
    (file,) = read.files
    cases = [case for case in file.cases if arguments.word.lower() in case.name.lower()]
    if len(cases) != 1:
        named = f' with "{safe(arguments.word)}" in its name' if arguments.word else ""
        found = f"there is {'more than one' if cases else 'no'} test{named}"
        names = "".join(f"\n  {safe(case.name)}" for case in cases or file.cases)
        raise CannotRunError(f"{arguments.scenario}: {found}: choose one with -k WORD{names}")
    return file, cases[0]


def _simulate(file: CaseFile, case: Case, policy: Policy, timeline: Timeline, seed: int) -> _Simulated:
    events: list[LevelChanged | BreakerChanged] = []
    seen: list[tuple[Engine, VirtualClock, Measuring]] = []

    def watch(engine: Engine, clock: VirtualClock) -> Callable[[], None]:
        measuring = Measuring(engine, clock, timeline.curves or Curves(policy.degradation))
        seen.append((engine, clock, measuring))
        engine.subscribe(timeline.event)
        engine.subscribe(lambda event: _keep(event, events, timeline))
        return measuring.look

    findings = run_case(case, file.document, policy, Coverage(policy), seed=seed, watch=watch)
    engine, clock, measuring = seen[0]
    measuring.look()
    timeline.covers(0, ceil(clock.time()))
    return _Simulated(events, findings, timeline.by_category.total(), clock.time(), engine.level())


def _keep(event: Event, events: list[LevelChanged | BreakerChanged], timeline: Timeline) -> None:
    if isinstance(event, ErrorHandled):
        timeline.handled(event.info)
    elif isinstance(event, LevelChanged | BreakerChanged):
        events.append(event)


def _told(case: Case, simulated: _Simulated) -> Iterator[str]:
    yield f"{safe(case.name)}: {many(simulated.errors, 'error')} in {duration(simulated.seconds)}"
    for event in simulated.events:
        at = f"{event.time:>10,.1f} s"
        if isinstance(event, LevelChanged):
            of = f"{safe(event.component)}: " if event.component else ""
            values = ", ".join(f"{name} {number(value)}" for name, value in event.values.items())
            now = f"; {values}" if values else ""
            yield f"{at}  {of}{event.before} -> {event.after}  ({safe(event.cause)}: {safe(event.reason)}{now})"
        elif isinstance(event, BreakerChanged):
            yield f"{at}  {safe(event.breaker)}: {event.before.value} -> {event.after.value}  ({safe(event.reason)})"
    yield f'the level is "{simulated.level}" at the end'
    if failed(simulated.findings):
        yield f"{many(len(simulated.findings), 'expectation')} did not hold: policy-engine test says which"
