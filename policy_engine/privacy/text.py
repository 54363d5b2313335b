"""The scrubbing of one text: cut to length, made safe for a terminal and a log, secrets masked.

Owns the order and the fast path; what a secret looks like is the detectors' and the fields' affair. One pass of an
Aho-Corasick automaton over the lower-case text, and one over its digits, tell which of them could find anything at all;
an ordinary text asks for none and is returned as it came.
"""

from __future__ import annotations

from collections.abc import Sequence

import ahocorasick_rs

from policy_engine.privacy.cutting import cut_back, split_note
from policy_engine.privacy.detectors import Detector
from policy_engine.privacy.marks import cut_text
from policy_engine.privacy.pairs import PairScrubber
from policy_engine.privacy.terminal import safe, without_hidden

_DIGIT_CLASSES = bytes(48 if 48 <= byte <= 57 else 120 for byte in range(256))
_BETWEEN_DIGITS = b" -()"
_FASTEST = ahocorasick_rs.Implementation.DFA

_FIRST = frozenset({"private_key", "credit_card", "iban", "phone"})
"""Detectors whose findings hold spaces, and so would be torn by a field's value, which ends at one."""

_FOLDED = "\\n"
"""A line break as a `repr` writes it."""

_MOST_ROUNDS = 6
_MOST_CLEARED = 1024
_LONGEST_CLEARED = 512

Hits = list[tuple[int, int, int]]


class TextScrubber:
    """Scrubs texts with a set of detectors and field rules."""

    __slots__ = (
        "_automaton",
        "_cleared",
        "_detectors",
        "_digits",
        "_fewest",
        "_first",
        "_owners",
        "_pairs",
        "_searched",
    )

    def __init__(self, detectors: Sequence[Detector], spellings: Sequence[str], pairs: PairScrubber) -> None:
        literals = [(literal, index) for index, detector in enumerate(detectors) for literal in detector.literals]
        self._owners = tuple(index for _, index in literals)
        patterns = [*(literal for literal, _ in literals), *spellings]
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, implementation=_FASTEST)
        self._cleared: set[str] = set()
        """Texts that looked suspicious and hold nothing, which come again and again; never one that holds a secret."""
        self._detectors = tuple(detectors)
        self._pairs = pairs
        self._first = frozenset(index for index, d in enumerate(detectors) if d.whole or d.name in _FIRST)
        self._searched = tuple((index, d.finds) for index, d in enumerate(detectors) if d.finds is not None)
        self._digits = tuple((index, b"0" * d.digits) for index, d in enumerate(detectors) if d.digits)
        self._fewest = min((needle for _, needle in self._digits), key=len, default=b"no digits are asked for")

    def scrub(self, text: str, limit: int, unseen: int = 0) -> str:
        """Return ``text`` without secrets and control characters, at most ``limit`` characters of it.

        ``unseen`` is how much more there was that ``text`` does not hold; the note counts it too.
        """
        fits = len(text) <= limit and not unseen
        if fits and (not self.is_suspicious(text) or text in self._cleared):
            return text
        shown = self._shown(text, limit, unseen, fits=fits)
        if shown == text and len(text) <= _LONGEST_CLEARED:
            if len(self._cleared) >= _MOST_CLEARED:
                self._cleared.clear()
            self._cleared.add(text)
        return shown

    def _shown(self, text: str, limit: int, unseen: int, *, fits: bool) -> str:
        if not fits:
            body = cut_back(text, limit)
            dropped = len(text) - len(body) + unseen
        else:
            body, dropped = split_note(text)
        body = self._mask_seen(self.mask(self._mask_unfolded(safe(body))))
        while len(body) + len(note := cut_text(dropped)) > limit and body:
            whole = body
            body = cut_back(whole, limit)
            dropped += len(whole) - len(body)
            body = self.mask(body)
        return body + note

    def is_suspicious(self, text: str) -> bool:
        """Whether anything in ``text`` needs a closer look; false for most, and cheap."""
        return (
            # Line breaks and tabs are left as they are, and most texts hold nothing else that cannot be printed.
            not (text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable())
            or self._fewest in text.encode().translate(_DIGIT_CLASSES, _BETWEEN_DIGITS)
            or self._automaton.find_matches_as_indexes(text.lower()) != []
            or (self._searched != () and self.is_found_in(text))
        )

    @property
    def searches(self) -> bool:
        """Whether some detector looks at every text by itself: a pattern may ask for where a text begins and ends."""
        return self._searched != ()

    def is_found_in(self, text: str) -> bool:
        """Whether such a detector finds anything in ``text``."""
        return any(finds(text) for _, finds in self._searched)

    def mask(self, text: str) -> str:
        """Return ``text`` with its secrets masked, whatever its length.

        What a mask leaves behind may read differently than before, so it is looked over until nothing changes.
        """
        for _ in range(_MOST_ROUNDS):
            masked = self._mask_once(text)
            if masked == text:
                break
            text = masked
        return text

    def _mask_unfolded(self, text: str) -> str:
        """Return ``text`` as it was, or without what is only found where folded line breaks are line breaks."""
        if _FOLDED not in text:
            return text
        unfolded = text.replace(_FOLDED, "\n")
        masked = self.mask(unfolded)
        if masked == unfolded:
            return text
        return masked if "\n" in text else masked.replace("\n", _FOLDED)

    def _mask_seen(self, text: str) -> str:
        """Return ``text`` as it was, or without hidden characters where they broke up a secret."""
        seen = without_hidden(text)
        if seen == text:
            return text
        masked = self.mask(seen)
        return text if masked == seen else masked

    def _mask_once(self, text: str) -> str:
        hits = self._hits(text)
        asked = self._asked(text, hits)
        if not hits and not asked:
            return text
        before = text
        for index in asked:
            if index in self._first:
                text = self._detectors[index].mask(text)
        if text is not before:
            hits = self._hits(text)
        places = sorted({(start, -end) for owner, start, end in hits if owner >= len(self._owners)})
        if places:
            text = self._pairs.scrub(text, [(start, -end) for start, end in places])
        for index in sorted(asked):
            text = self._detectors[index].mask(text)
        return text

    def _hits(self, text: str) -> Hits:
        """Every literal that stands in ``text``, with its place."""
        lower = text.lower()
        if len(lower) != len(text):  # a dotted capital I grows when it is made small
            lower = text.replace("\u0130", "I").lower()
        hits: Hits = self._automaton.find_matches_as_indexes(lower, overlapping=True)
        return hits

    def _asked(self, text: str, hits: Hits) -> set[int]:
        """The detectors that could find something."""
        asked = {self._owners[owner] for owner, _, _ in hits if owner < len(self._owners)}
        digits = text.encode(errors="replace").translate(_DIGIT_CLASSES, _BETWEEN_DIGITS)
        if self._fewest in digits:
            asked.update(index for index, needle in self._digits if needle in digits)
        asked.update(index for index, finds in self._searched if finds(text))
        return asked
