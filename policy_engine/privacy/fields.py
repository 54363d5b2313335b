"""What a field's name says about its value: to keep it, to mask it, to replace it by a pseudonym, or to look closer.

Knows names alone, no values. A name is split into words (`X-Api-Key`, `xApiKey`, `API_KEY` are one name) and is
sensitive where a listed phrase stands in it as whole words, at its end or before a word that does not turn it into
something else: `password_hash` is still a secret, `password_policy` and `token_count` are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from policy_engine.privacy.terminal import without_hidden
from policy_engine.privacy.words import DESCRIBED_BY, FAULTS, FIELDS, NOT_A_FIELD, QUALIFIED_BY, RANDOM_WHEN_LONG

_CACHED_NAMES = 4096
_LONGEST_CACHED_NAME = 128
_SHORTEST_RUN_ON = 5

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+|[^\W_]+?")


class Action(Enum):
    """What happens to the value of a field."""

    KEEP = "keep"
    MASK = "mask"
    PSEUDONYM = "pseudonym"
    WEIGH = "weigh"
    """Masked only when the value looks random: `key`, `salt`, `signature`."""


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a field's name; digits are left out."""
    return tuple(word.lower() for word in _WORD.findall(name) if not word.isdigit())


class FieldRules:
    """Decides by a field's name. Decisions are kept for names seen before, a bounded number of them."""

    __slots__ = ("_added", "_decided", "_phrases", "_pseudonymised", "_run_on")

    def __init__(self, added: Sequence[str] = (), pseudonymised: Sequence[str] = ()) -> None:
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        run_on = []
        for name in (*FIELDS, *added):
            phrase = tuple(_singular(word) for word in words_of(name))
            if not phrase:
                continue
            self._phrases.setdefault(phrase[0], []).append(phrase)
            compact = "".join(phrase)
            if len(compact) >= _SHORTEST_RUN_ON and name not in NOT_A_FIELD:
                run_on.append(compact)
            self._phrases.setdefault(compact, []).append((compact,))
        self._run_on = tuple(run_on)
        self._pseudonymised = {"".join(words): words for words in map(words_of, pseudonymised) if words}
        own = {_compact(name) for name in (*added, *pseudonymised)} - {_compact(name) for name in FIELDS}
        self._added = tuple(sorted(own - {""}))
        self._decided: dict[str, Action] = {}

    @property
    def pseudonymises(self) -> bool:
        """Whether any field is to become a pseudonym."""
        return bool(self._pseudonymised)

    def decide(self, name: str) -> Action:
        """Return what to do with the value of the field ``name`` (a plain `str`)."""
        action = self._decided.get(name)
        if action is None:
            action = self._judge(words_of(without_hidden(name)))
            if len(self._decided) < _CACHED_NAMES and len(name) <= _LONGEST_CACHED_NAME:
                self._decided[name] = action
        return action

    def is_added(self, name: str) -> bool:
        """Whether a policy, and not the built-in list, makes ``name`` a field to hide."""
        return bool(self._added) and _compact(name).endswith(self._added)

    def spellings(self) -> tuple[str, ...]:
        """Lower-case literals one of which stands in any text that spells a field on which a decision is needed."""
        found = set(RANDOM_WHEN_LONG)
        for phrases in (*self._phrases.values(), self._pseudonymised.values()):
            for phrase in phrases:
                found.update(joint.join(phrase) for joint in ("", "_", "-", " ", "."))
        return tuple(sorted(found))

    def _judge(self, words: tuple[str, ...]) -> Action:
        if self._pseudonymised and "".join(words) in self._pseudonymised:
            return Action.PSEUDONYM
        if words and words[-1] in FAULTS:
            return Action.KEEP
        singular = tuple(_singular(word) for word in words)
        for index in range(len(words)):
            if self._phrase_at(words, singular, index):
                return Action.MASK
        if words and words[-1] in RANDOM_WHEN_LONG:
            return Action.WEIGH
        return Action.KEEP

    def _phrase_at(self, words: tuple[str, ...], singular: tuple[str, ...], index: int) -> bool:
        """Whether a listed phrase begins at ``index`` and is what the name speaks of."""
        for phrase in self._phrases.get(singular[index], ()):
            end = index + len(phrase)
            if singular[index:end] == phrase and _names_the_thing(words, index, end):
                return True
        word = singular[index]
        runs_on = len(word) > _SHORTEST_RUN_ON and word.endswith(self._run_on)
        return runs_on and _names_the_thing(words, index, index + 1)


def _names_the_thing(words: tuple[str, ...], start: int, end: int) -> bool:
    """Whether the phrase is the thing itself, not a word about it (`max_tokens`, `password_policy`)."""
    if end < len(words) and words[end] in DESCRIBED_BY:
        return False
    return start == 0 or words[start - 1] not in QUALIFIED_BY


def _compact(name: str) -> str:
    return "".join(map(_singular, words_of(name)))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
