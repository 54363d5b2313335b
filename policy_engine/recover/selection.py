"""Which strategies an error may start, in order: the policy's in file order, then the program's by type.

The operator has the last word: a function that the program registered gets an error only when no strategy of the
policy matches it. Built anew on every change, never changed; its cache answers for errors of a kind seen before, so
an error that nothing is meant for costs one look into a dict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from policy_engine.model import Occurrence
from policy_engine.recover.options import Strategy

_MAX_CACHED_KINDS = 4096

_Kind = tuple[tuple[str, ...], str, str, str | None]


class Selection:
    """The strategies of a policy, and those registered for exception types by name."""

    def __init__(self, strategies: Sequence[Strategy], registered: Mapping[str, Strategy]) -> None:
        self._strategies = tuple(strategies)
        self._registered = dict(registered)
        self._by_kind: dict[_Kind, tuple[Strategy, ...]] = {}

    def of_kind(self, occurrence: Occurrence) -> Sequence[Strategy]:
        """Return the strategies that errors of this kind may start; `matching` has to confirm them."""
        kind = (occurrence.mro, occurrence.category, occurrence.severity, occurrence.rule)
        found = self._by_kind.get(kind)
        if found is None:
            if len(self._by_kind) >= _MAX_CACHED_KINDS:
                self._by_kind.clear()
            found = self._by_kind[kind] = tuple(self._find(occurrence))
        return found

    def _find(self, occurrence: Occurrence) -> Iterator[Strategy]:
        for strategy in self._strategies:
            if strategy.may_hold is None or strategy.may_hold(occurrence):
                yield strategy
        for name in occurrence.mro:
            if name in self._registered:
                yield self._registered[name]
                return


def matching(strategies: Iterable[Strategy], occurrence: Occurrence) -> Iterator[Strategy]:
    """Yield those of the kind's strategies that match this very error."""
    for strategy in strategies:
        if strategy.holds is None or strategy.holds(occurrence):
            yield strategy


def behind(strategy: Strategy, others: Sequence[Strategy]) -> Strategy:
    """Return the strategy for those errors alone that none of ``others`` matches."""
    if not others:
        return strategy

    def holds(occurrence: Occurrence) -> bool:
        return _matches(strategy, occurrence) and not any(_matches(each, occurrence) for each in others)

    return replace(strategy, may_hold=None, holds=holds)


def _matches(strategy: Strategy, occurrence: Occurrence) -> bool:
    may_hold = strategy.may_hold is None or strategy.may_hold(occurrence)
    return may_hold and (strategy.holds is None or strategy.holds(occurrence))
