"""Whether a piece of text is a sentence about a secret, or the secret: the judgement that keeps messages readable.

Knows words and the look of random strings, and no field names.
"""

from __future__ import annotations

import re

from policy_engine.privacy.marks import MARKER, PSEUDONYM
from policy_engine.privacy.words import NOTHING, PROSE

_SHORTEST_RANDOM = 12
_LONGEST_WEIGHED = 128

_FIRST_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*+(?![\w@#$%^*+=/\\~|<&-])")
_WORD_FOLLOWS = re.compile(r"[.,;]? {1,3}(?:[^\W\d_]+(?![\w=])|\[scrubbed\])")
_RANDOM_ALPHABET = re.compile(r"[\w+/=.~-]+")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACEHOLDER = re.compile(
    r"[*xX\u2022.]{3,64}\Z|(?i:[<\[({]{0,2}(?:redacted|filtered|sanitized|sanitised|masked|hidden|removed|omitted|protected)[>\])}]{0,2})\Z"
)
_IDENTIFIER = re.compile(r"[a-z][a-z_]{0,63}\Z")
_RUNS = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")


def is_nothing(value: str) -> bool:
    """Whether a value hides nothing: empty, `None`, stars, the name of an object, or scrubbed before."""
    return (
        value.strip().lower() in NOTHING
        or value == MARKER
        or PSEUDONYM.fullmatch(value) is not None
        or _PLACEHOLDER.match(value) is not None
    )


def is_identifier(value: str) -> bool:
    """Whether a value may be the name of another field: lower-case letters and underscores."""
    return _IDENTIFIER.match(value) is not None


def opens_a_sentence(text: str, at: int, *, one_word_is_enough: bool) -> bool:
    """Whether prose goes on at ``at``, as in "token: the session expired".

    Where a password may stand, ``one_word_is_enough`` is false: any word but those of `PROSE` is taken for one.
    """
    word = _FIRST_WORD.match(text, at)
    if word is None:
        return False
    spoken = word[0]
    if spoken.lower() in PROSE:
        return True
    return one_word_is_enough and spoken.islower() and _WORD_FOLLOWS.match(text, word.end()) is not None


def looks_random(value: str) -> bool:
    """Whether a value looks drawn by a machine: letters and digits that change often. UUIDs do not count."""
    value = value[:_LONGEST_WEIGHED]
    if len(value) < _SHORTEST_RANDOM or not _RANDOM_ALPHABET.fullmatch(value) or _UUID.fullmatch(value):
        return False
    runs = _RUNS.findall(value)
    digits = sum(len(run) for run in runs if run.isdigit())
    letters = sum(len(run) for run in runs) - digits
    return digits >= 2 and letters >= 2 and len(runs) * 6 >= len(value) and len(runs) >= 4
