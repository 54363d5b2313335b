"""Which of many matchers an occurrence can satisfy at all: by type, by its causes, by attributes, by words.

Thousands of matchers then cost about what ten cost. Knows anchors, not the match language. The words of all matchers
are found in one pass over the message (Aho and Corasick, CACM 1975). What to try is remembered for each kind of error,
a bounded number of them: its types, the words found, its attributes' names, its causes' types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ahocorasick_rs import AhoCorasick

from policy_engine.match.matcher import Anchor, AnchorKind, Matcher, folded
from policy_engine.model import Occurrence

_MAX_CACHED_KINDS = 4096

_Kind = tuple[tuple[str, ...], frozenset[int], tuple[str, ...], tuple[tuple[str, ...], ...]]


class MatcherIndex:
    """Finds the first of ``matchers`` that an occurrence satisfies, without trying those that cannot match."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        ways = [(position, way) for position, matcher in enumerate(matchers) for way in matcher.ways]
        self._holds = [way.holds for _, way in ways]
        self._names_hold = [way.names_hold for _, way in ways]
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
        self._by_mro: dict[tuple[str, ...], frozenset[int]] = {}
        self._by_kind: dict[_Kind, tuple[int, ...]] = {}

    def first(self, occurrence: Occurrence) -> int | None:
        """Position of the first matcher that holds, or ``None``."""
        holds = self._holds
        kind = self._kind_of(occurrence)
        ways = self._by_kind.get(kind)
        if ways is None:
            ways = self._remember(kind)
        for way in ways:
            if holds[way](occurrence):
                return self._positions[way]
        return None

    def candidates(self, occurrence: Occurrence) -> list[int]:
        """Positions of the matchers that may hold, in order; all others cannot."""
        return sorted({self._positions[way] for way in self._anchored(self._kind_of(occurrence))})

    def _kind_of(self, occurrence: Occurrence) -> _Kind:
        """All that decides which anchors are there."""
        hits = self._words.find_matches_as_indexes(folded(occurrence), overlapping=True) if self._words else ()
        return (
            occurrence.mro,
            frozenset([word for word, _, _ in hits]),
            tuple(occurrence.attributes),
            tuple([cause.mro for cause in occurrence.causes]),
        )

    def _remember(self, kind: _Kind) -> tuple[int, ...]:
        """The ways to try for errors of a kind, in order: anchored, and the types themselves do not rule them out."""
        if len(self._by_kind) >= _MAX_CACHED_KINDS:
            self._by_kind.clear()
        mro, names_hold = kind[0], self._names_hold
        found = tuple(way for way in sorted(self._anchored(kind)) if (test := names_hold[way]) is None or test(mro))
        self._by_kind[kind] = found
        return found

    def _anchored(self, kind: _Kind) -> set[int]:
        """Numbers of the ways whose anchors are there; ways are numbered in the order of their matchers."""
        mro, words, attributes, causes = kind
        found = set(self._of_types(mro))
        for word in words:
            found.update(self._by_word[word])
        found.update(_lookup(self._by_attribute, attributes))
        if causes:
            found.update(self._by_any_cause)
        for cause in causes:
            found.update(_lookup(self._by_cause, cause))
        return found

    def _of_types(self, mro: tuple[str, ...]) -> frozenset[int]:
        found = self._by_mro.get(mro)
        if found is None:
            if len(self._by_mro) >= _MAX_CACHED_KINDS:
                self._by_mro.clear()
            found = frozenset([*self._always, *_lookup(self._by_type, mro), *self._of_names(mro)])
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
