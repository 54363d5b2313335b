"""Which words of a log say how bad a record is, and which of them make it an error: ERROR and everything worse."""

from __future__ import annotations

_SERIOUS = (
    "ERROR",
    "ERR",
    "SEVERE",
    "CRITICAL",
    "CRIT",
    "FATAL",
    "FAILURE",
    "ALERT",
    "EMERGENCY",
    "EMERG",
    "PANIC",
    "DPANIC",
)
_QUIET = (
    "WARNING",
    "WARN",
    "NOTICE",
    "INFO",
    "INFORMATION",
    "SUCCESS",
    "AUDIT",
    "CONFIG",
    "DEBUG",
    "VERBOSE",
    "TRACE",
    "FINEST",
    "FINER",
    "FINE",
    "NOTSET",
)


def _spellings(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, word.lower(), word.capitalize()))


SERIOUS = _spellings(_SERIOUS)
"""The level words of errors, as logs spell them."""

LEVELS = SERIOUS | _spellings(_QUIET)
"""Every level word, as logs spell it."""

UPPER_LEVELS = "|".join(sorted((*_SERIOUS, *_QUIET), key=len, reverse=True))
"""The upper-case words as alternatives of a pattern, longest first."""

LOWER_LEVELS = UPPER_LEVELS.lower()
"""The same in lower case."""

ANY_LEVELS = "|".join(sorted(LEVELS, key=lambda word: (-len(word), word)))
"""All spellings as alternatives of a pattern, longest first."""


def is_serious(level: str | int | None) -> bool:
    """Whether a level as JSON logs write it, a word or a number of Python's `logging`, is ERROR or worse."""
    if isinstance(level, str):
        return level in SERIOUS or level.upper() in SERIOUS
    return isinstance(level, int) and level >= 40
