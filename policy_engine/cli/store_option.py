"""How a command that asks a store is told which one, of which time, and of which errors."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from policy_engine.cli.exit import CannotRunError
from policy_engine.cli.policy_option import add_policy_option
from policy_engine.clock import SystemClock
from policy_engine.compile import Policy, load_policy_layers
from policy_engine.metrics.costs import LABELS
from policy_engine.observe import Question, question
from policy_engine.store import Reader, StoreError, StoreKind


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--store FILE`` and ``-p POLICY``, which name the store."""
    parser.add_argument("--store", metavar="FILE", help="the store's file; without it, the one that the policy names")
    add_policy_option(parser)


def add_period_options(parser: argparse.ArgumentParser, *, since: str) -> None:
    """Add the options of a stretch of time and of the errors in it; ``since`` is the default."""
    add = parser.add_argument
    add("--since", default=since, metavar="WHEN", help=f'how long ago, as "1h" or "7d", or a time (default: {since})')
    add("--until", metavar="WHEN", help="likewise; without it, now")
    for label in LABELS:
        add(f"--{label}", metavar="NAME", help=f"only errors of this {label}")


def asked_of(arguments: argparse.Namespace, *, by: str = "category", per: str | None = None) -> Question:
    """Return the question that the options put.

    Raises:
        CannotRunError: a time is none, or nothing lies between two of them.
    """
    where = {label: getattr(arguments, label) for label in LABELS}
    if where["severity"] is not None:
        where["severity"] = where["severity"].upper()
    try:
        return question(
            now=SystemClock().time(), since=arguments.since, until=arguments.until, by=by, per=per, **where
        )
    except ValueError as error:
        raise CannotRunError(str(error)) from error


@contextmanager
def opened_store(arguments: argparse.Namespace) -> Iterator[tuple[Reader, Policy]]:
    """Open the store that the options name, with the policy that they name or the shipped one.

    Raises:
        CannotRunError: none is named, or it cannot be read.
    """
    policy = load_policy_layers(arguments.policy or ())
    path = arguments.store or (policy.store.path if policy.store.kind is StoreKind.SQLITE else None)
    if path is None:
        raise CannotRunError("no store is named: give --store FILE, or -p POLICY with a [store] of kind sqlite")
    from policy_engine.store.sqlite import SqliteReader  # SQLite, for who asks a store

    try:
        reader = SqliteReader.open(path)
        try:
            yield reader, policy
        finally:
            reader.close()
    except StoreError as error:
        raise CannotRunError(str(error)) from error
