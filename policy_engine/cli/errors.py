"""``policy-engine errors``: what a store holds, listed, shown one by one, counted."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from policy_engine.cli.errors_text import list_text, show_text, stats_text
from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.cli.numbers import whole_number
from policy_engine.cli.store_option import add_period_options, add_store_options, asked_of, opened_store
from policy_engine.metrics.costs import LABELS
from policy_engine.observe import answer
from policy_engine.observe.answers import WIDTHS
from policy_engine.reports.explained import explained
from policy_engine.reports.period import period_of
from policy_engine.reports.stored_kind import stored_kind

_EPILOG = """\
examples:
  policy-engine errors list --store errors.db --since 1h
  policy-engine errors show --store errors.db 1f6c2a9be07d4431
  policy-engine errors stats -p policies/ --since 7d --category DATABASE --by rule --per day
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``errors`` and what it can do to the command's parser."""
    parser = subparsers.add_parser(
        "errors",
        help="ask a store of errors",
        description="Ask a store: which kinds of error there were, everything about one, counts over time.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    listing = verbs.add_parser("list", help="the kinds of error in a stretch of time, the most frequent first")
    add_period_options(listing, since="24h")
    listing.add_argument("--top", type=whole_number, default=10, metavar="N", help="how many to show (default: 10)")
    listing.set_defaults(run=_list)
    showing = verbs.add_parser("show", help="one kind of error, by its fingerprint or the id of an error")
    showing.add_argument("name", metavar="FINGERPRINT|ID", help="as list, logs and alerts show it")
    add_period_options(showing, since="7d")
    showing.set_defaults(run=_show)
    counting = verbs.add_parser("stats", help="counts, costs and times of a stretch of time")
    add_period_options(counting, since="24h")
    counting.add_argument("--by", choices=LABELS, default="category", help="what errors are grouped by")
    counting.add_argument("--per", choices=list(WIDTHS), help="count them over time, too")
    counting.set_defaults(run=_stats)
    for each in (listing, showing, counting):
        add_store_options(each)
        each.add_argument("--json", action="store_true", help="print JSON")


def _list(arguments: argparse.Namespace) -> int:
    asked = asked_of(arguments)
    with opened_store(arguments) as (reader, _):
        period = period_of(reader, asked, most=arguments.top)
    if arguments.json:
        _print(period.to_dict())
    else:
        print(list_text(period))
    return Exit.CLEAN


def _show(arguments: argparse.Namespace) -> int:
    asked = asked_of(arguments)
    with opened_store(arguments) as (reader, policy):
        found = stored_kind(reader, arguments.name, asked)
        if found is None:
            raise CannotRunError(f"{arguments.name}: the store holds no error with this fingerprint or id")
        explanation = explained(found.example, policy)
    if arguments.json:
        _print({**found.to_dict(), "explanation": explanation.to_dict()})
    else:
        print(show_text(found, explanation))
    return Exit.CLEAN


def _stats(arguments: argparse.Namespace) -> int:
    asked = asked_of(arguments, by=arguments.by, per=arguments.per)
    with opened_store(arguments) as (reader, _):
        found = answer(reader, asked)
    if arguments.json:
        _print(found)
    else:
        print(stats_text(found))
    return Exit.CLEAN


def _print(data: Mapping[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))
