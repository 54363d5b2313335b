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
        self._by_mro: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._by_kind: dict[_Kind, tuple[int, ...]] = {}

    def first(self, occurrence: Occurrence) -> int | None:
        """Position of the first matcher that holds, or ``None``."""
        holds = self._holds
        for way in self._ways_to_try(occurrence):
            if holds[way](occurrence):
                return self._positions[way]
        return None

    def candidates(self, occurrence: Occurrence) -> list[int]:
        """Positions of the matchers whose anchors are there, in order; no other can hold."""
        kind = self._kind_of(occurrence, self._words_in(occurrence))
        return sorted({self._positions[way] for way in [*self._of_types(occurrence.mro), *self._of_others(kind)]})

    def _ways_to_try(self, occurrence: Occurrence) -> tuple[int, ...]:
        """Numbers of the ways whose anchors are there and that the types do not rule out, in their matchers' order."""
        hits = self._words_in(occurrence)
        if not hits and not occurrence.causes and not occurrence.attributes:
            return self._of_mro(occurrence.mro)
        kind = self._kind_of(occurrence, hits)
        found = self._by_kind.get(kind)
        if found is None:
            if len(self._by_kind) >= _MAX_CACHED_KINDS:
                self._by_kind.clear()
            others = self._allowed(occurrence.mro, self._of_others(kind))
            found = self._by_kind[kind] = tuple(sorted({*self._of_mro(occurrence.mro), *others}))
        return found

    def _words_in(self, occurrence: Occurrence) -> Sequence[tuple[int, int, int]]:
        return self._words.find_matches_as_indexes(folded(occurrence), overlapping=True) if self._words else ()

    def _kind_of(self, occurrence: Occurrence, hits: Sequence[tuple[int, int, int]]) -> _Kind:
        """All that decides which anchors are there."""
        return (
            occurrence.mro,
            frozenset([word for word, _, _ in hits]),
            tuple(occurrence.attributes),
            tuple([cause.mro for cause in occurrence.causes]),
        )

    def _of_mro(self, mro: tuple[str, ...]) -> tuple[int, ...]:
        found = self._by_mro.get(mro)
        if found is None:
            if len(self._by_mro) >= _MAX_CACHED_KINDS:
                self._by_mro.clear()
            found = self._by_mro[mro] = tuple(sorted(set(self._allowed(mro, self._of_types(mro)))))
        return found

    def _allowed(self, mro: tuple[str, ...], ways: Iterable[int]) -> Iterator[int]:
        """Those of the ways that what they ask of the types does not rule out."""
        for way in ways:
            test = self._names_hold[way]
            if test is None or test(mro):
                yield way

    def _of_types(self, mro: tuple[str, ...]) -> Iterator[int]:
        yield from self._always
        yield from _lookup(self._by_type, mro)
        yield from self._of_names(mro)

    def _of_others(self, kind: _Kind) -> Iterator[int]:
        _, words, attributes, causes = kind
        for word in words:
            yield from self._by_word[word]
        yield from _lookup(self._by_attribute, attributes)
        if causes:
            yield from self._by_any_cause
        for cause in causes:
            yield from _lookup(self._by_cause, cause)

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
