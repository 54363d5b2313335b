"""How much of what one key of a rule wants is there: 1 where it holds and says something, 0 where nothing is there.

Knows one key, not rules. It ranks near misses for people and decides about no error. What nearly every error has (the
class ``Exception``, a short word) counts for nothing, so that no rule is near by chance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from policy_engine.model import Occurrence

_ROOTS = frozenset({"Exception", "BaseException", "object"})
_BASE = 0.8
_SAME_NAME, _LIKE_NAME, _LIKE = 0.7, 0.6, 0.85
_OTHER_VALUE = 0.3
_TELLING = 6
_ENOUGH = 0.6
_WORD = re.compile(r"[^\W_]{4,}")
_COMMON = frozenset(
    {"cannot", "could", "error", "exception", "failed", "from", "have", "this", "with", "while", "your"}
)


def of_exception(wanted: Sequence[str], occurrence: Occurrence) -> float:
    """Whether the class is one of ``wanted``, derives from one, or is called like one of another module."""
    if occurrence.type in wanted:
        return 0.0 if occurrence.type in _ROOTS else 1.0
    held = [name for name in occurrence.mro if name in wanted]
    if held:
        return 0.0 if _ROOTS.issuperset(held) else _BASE
    last = _last(occurrence.type)
    names = [_last(name) for name in wanted]
    if last in names:
        return _SAME_NAME
    return _LIKE_NAME if any(_alike(last, name) for name in names) else 0.0


def of_found(key: str, found: str) -> float:
    """A text that holds: the whole says all, and a part of it the more the longer it is."""
    if key == "equals":
        return 1.0 if found else 0.0
    return 0.0 if len(found) < _TELLING or found in _ROOTS else min(1.0, _BASE + len(found) / 100)


def of_text(key: str, wanted: Sequence[str], text: str) -> float:
    """The greatest share of a wanted phrase's words that the text has, where it has two of them and more than half."""
    if key == "regex" or not text:
        return 0.0
    there = set(_words(text))
    best = 0.0
    for phrase in wanted:
        words = set(_words(phrase))
        shared = len(words & there)
        if shared >= 2 and shared / len(words) >= _ENOUGH:
            best = max(best, shared / len(words))
    return best * 0.9


def of_value(value: object, *, held: bool) -> float:
    """An attribute: 1 where it is as wanted, little where it is there with another value."""
    if value is None:
        return 0.0
    return 1.0 if held else _OTHER_VALUE


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _COMMON]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= _TELLING and SequenceMatcher(None, one, other).ratio() >= _LIKE
