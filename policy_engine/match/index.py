"""Which of many matchers an occurrence can satisfy at all: by type, by its causes, by attributes, by words.

Thousands of matchers then cost about what ten cost. Knows anchors, not the match language. The words of all matchers
are found in one pass over the message (Aho and Corasick, CACM 1975); types through a cache by MRO, which is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ahocorasick_rs import AhoCorasick

from policy_engine.match.matcher import Anchor, AnchorKind, Matcher, folded
from policy_engine.model import Occurrence

_MAX_CACHED_TYPES = 4096


class MatcherIndex:
    """Finds the first of ``matchers`` that an occurrence satisfies, without trying those that cannot match."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        ways = [(position, way) for position, matcher in enumerate(matchers) for way in matcher.ways]
        self._holds = [way.holds for _, way in ways]
        self._positions = [position for position, _ in ways]
        self._always: list[int] = []
        anchored: dict[Anchor, list[int]] = {}
        for number, (_, way) in enumerate(ways):
            if way.anchors is None:
                self._always.append(number)
            for anchor in way.anchors or ():
                anchored.setdefault(anchor, []).append(number)
        self._by_type = _of_kind(anchored, AnchorKind.TYPE)
        self._by_name = _of_kind(anchored, AnchorKind.NAME)
        self._by_cause = _of_kind(anchored, AnchorKind.CAUSE_TYPE)
        self._by_any_cause = _of_kind(anchored, AnchorKind.CAUSE).get("", [])
        self._by_attribute = _of_kind(anchored, AnchorKind.ATTRIBUTE)
        by_word = _of_kind(anchored, AnchorKind.WORD)
        self._by_word = list(by_word.values())
        self._words = AhoCorasick(by_word) if by_word else None
        self._by_mro: dict[tuple[str, ...], tuple[int, ...]] = {}

    def first(self, occurrence: Occurrence) -> int | None:
        """Position of the first matcher that holds, or ``None``."""
        holds = self._holds
        for way in self._candidate_ways(occurrence):
            if holds[way](occurrence):
                return self._positions[way]
        return None

    def candidates(self, occurrence: Occurrence) -> list[int]:
        """Positions of the matchers that may hold, in order; all others cannot."""
        return sorted({self._positions[way] for way in self._candidate_ways(occurrence)})

    def _candidate_ways(self, occurrence: Occurrence) -> Sequence[int]:
        """Numbers of the ways whose anchors are there; ways are numbered in the order of their matchers."""
        by_type = self._by_mro.get(occurrence.mro)
        if by_type is None:
            by_type = self._remember(occurrence.mro)
        hits = self._words.find_matches_as_indexes(folded(occurrence), overlapping=True) if self._words else ()
        if not hits and not occurrence.causes and not occurrence.attributes:
            return by_type
        found = set(by_type)
        for word, _, _ in hits:
            found.update(self._by_word[word])
        found.update(_lookup(self._by_attribute, occurrence.attributes))
        found.update(self._of_causes(occurrence))
        return sorted(found)

    def _of_causes(self, occurrence: Occurrence) -> Iterator[int]:
        if occurrence.causes:
            yield from self._by_any_cause
        for cause in occurrence.causes:
            for name in cause.mro:
                yield from self._by_cause.get(name, ())

    def _remember(self, mro: tuple[str, ...]) -> tuple[int, ...]:
        if len(self._by_mro) >= _MAX_CACHED_TYPES:
            self._by_mro.clear()
        found = tuple(sorted({*self._always, *_lookup(self._by_type, mro), *self._of_names(mro)}))
        self._by_mro[mro] = found
        return found

    def _of_names(self, mro: tuple[str, ...]) -> Iterator[int]:
        names = "\n".join(mro).lower()
        for word, positions in self._by_name.items():
            if word in names:
                yield from positions


def _of_kind(anchored: dict[Anchor, list[int]], kind: AnchorKind) -> dict[str, list[int]]:
    return {anchor.text: positions for anchor, positions in anchored.items() if anchor.kind is kind}


def _lookup(by_name: dict[str, list[int]], names: Iterable[str]) -> Iterator[int]:
    for name in names:
        yield from by_name.get(name, ())
