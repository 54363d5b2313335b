"""Whether a text exists that holds some words and none of others.

Decided exactly for whole texts, beginnings, ends and words anywhere in it. Two regular expressions are only compared as
they are written: beyond that, and beyond the words that every match must hold, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy_engine.match.regex import required_literals

_FIRST_FILLER = 0xE000
"""A private character, which no language has a word with; the first that the words at hand do not hold is taken."""


@dataclass(frozen=True, slots=True)
class Words:
    """One key of a text table: the text equals, contains, starts with or ends with one of these, or a pattern is found.

    ``folded`` words are in lower case, and so are the texts that they are about.
    """

    key: str
    words: tuple[str, ...]
    folded: bool = False

    def hold(self, text: str) -> bool:
        """Whether ``text`` satisfies it; not for patterns."""
        if self.key == "equals":
            return text in self.words
        if self.key == "contains":
            return any(word in text for word in self.words)
        return text.startswith(self.words) if self.key == "starts_with" else text.endswith(self.words)


def text_exists(wanted: Sequence[Words], unwanted: Sequence[Words]) -> bool | None:
    """Tell whether some text satisfies all of ``wanted`` and none of ``unwanted``; ``None`` where nobody can."""
    patterns = [each for each in (*wanted, *unwanted) if each.key == "regex"]
    if not patterns:
        return _exists(wanted, unwanted)
    refused = {pattern for each in unwanted if each.key == "regex" for pattern in each.words}
    if any(each.key == "regex" and refused.issuperset(each.words) for each in wanted):
        return False
    implied = [_implied(each) if each.key == "regex" else each for each in wanted]
    without = _exists([each for each in implied if each], [each for each in unwanted if each.key != "regex"])
    return None if without else False


def _implied(pattern: Words) -> Words | None:
    """The words of which every text in which the pattern is found holds one, in lower case."""
    if not pattern.folded:
        return None
    found = [required_literals(each) for each in pattern.words]
    words = [word for literals in found if literals is not None for word in literals]
    return Words("contains", tuple(words), folded=True) if None not in found and all(words) else None


def _exists(wanted: Sequence[Words], unwanted: Sequence[Words]) -> bool:
    if any("" in each.words for each in unwanted if each.key != "equals"):
        return False
    whole = next((each for each in wanted if each.key == "equals"), None)
    if whole is not None:
        return any(_satisfies(text, wanted, unwanted) for text in whole.words)
    return any(_satisfies(text, wanted, unwanted) for text in _candidates(wanted, unwanted))


def _satisfies(text: str, wanted: Sequence[Words], unwanted: Sequence[Words]) -> bool:
    return all(each.hold(text) for each in wanted) and not any(each.hold(text) for each in unwanted)


def _candidates(wanted: Sequence[Words], unwanted: Sequence[Words]) -> list[str]:
    """Texts of which one satisfies everything if any text does: the pieces that are wanted, kept apart by a filler.

    No unwanted word holds the filler, so one that stands in such a text stands within a piece, and in every text with
    that piece. A beginning that satisfies all wanted ones is the longest of its own, and so is an end.
    """
    filler = _filler((*wanted, *unwanted))
    middles = [_harmless(each, unwanted) for each in wanted if each.key == "contains"]
    if None in middles:
        return []
    middle = filler.join(word for word in middles if word is not None)
    starts = _alternatives(wanted, "starts_with")
    ends = _alternatives(wanted, "ends_with")
    return [f"{start}{filler}{middle}{filler}{end}" for start in starts for end in ends]


def _harmless(wanted: Words, unwanted: Sequence[Words]) -> str | None:
    refused = [word for each in unwanted if each.key == "contains" for word in each.words]
    return next((word for word in wanted.words if not any(other in word for other in refused)), None)


def _alternatives(wanted: Sequence[Words], key: str) -> Sequence[str]:
    sides = [each for each in wanted if each.key == key]
    if not sides:
        return ("",)
    return [word for each in sides for word in each.words if all(other.hold(word) for other in sides)]


def _filler(tables: Sequence[Words]) -> str:
    used = {character for each in tables for word in each.words for character in word}
    code = _FIRST_FILLER
    while chr(code) in used:
        code += 1
    return chr(code)
