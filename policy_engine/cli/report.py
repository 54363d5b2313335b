"""``policy-engine report``: what a store tells of a stretch of time, as a page, as Markdown or as JSON."""

from __future__ import annotations

import argparse
import json

from policy_engine.cli.exit import Exit
from policy_engine.cli.numbers import whole_number
from policy_engine.cli.picture_files import writable
from policy_engine.cli.store_option import add_period_options, add_store_options, asked_of, opened_store

_EPILOG = """\
examples:
  policy-engine report --store errors.db --since 24h --html report.html
  policy-engine report -p policies/ --since 7d --category DATABASE
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``report`` to the command's parser."""
    parser = subparsers.add_parser(
        "report",
        help="report what failed, from a store",
        description="Report what failed, how it changed, what was tried and what it cost, from a store of errors.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_store_options(parser)
    add_period_options(parser, since="24h")
    parser.add_argument(
        "--top", type=whole_number, default=10, metavar="N", help="how many kinds of error to show (default: 10)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--html", metavar="FILE", help="write a page for a browser to this file")
    form.add_argument("--md", action="store_true", help="print Markdown, as without any of these")
    form.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from policy_engine.reports import markdown, page, period_findings, period_of
    from policy_engine.reports.words import many

    html = writable("--html", arguments.html)
    asked = asked_of(arguments)
    with opened_store(arguments) as (reader, policy):
        # CRITICAL kinds and those that no rule claimed are shown too, however rare they are.
        period = period_of(reader, asked, most=max(arguments.top, policy.bounds.history))
        if arguments.json:
            print(json.dumps(period.to_dict(), ensure_ascii=False, indent=2))
            return Exit.CLEAN
        findings = period_findings(reader, period, policy, asked, most=arguments.top)
    if html is None:
        print(markdown(findings, period))
    else:
        html.write_text(page(findings), encoding="utf-8")
        print(f"{many(findings.errors, 'error')} of {many(period.kind_count, 'kind')}: {html}")
    return Exit.CLEAN
