"""Durations as policies write them: ``"250ms" "1.5s" "5m" "1h" "7d"``.

Knows nothing of files and schemas; `PATTERN` is the one form that the schema accepts too, where no variable stands.
Its longest duration is 270 years: more than a policy needs, and less than what an operating system's timers refuse.
"""

from __future__ import annotations

import re

PATTERN = (
    r"^([0-9]{1,9}(\.[0-9]{1,9})?(ms|s)|[0-9]{1,8}(\.[0-9]{1,9})?m"
    r"|[0-9]{1,6}(\.[0-9]{1,9})?h|[0-9]{1,5}(\.[0-9]{1,9})?d)$"
)

PATTERN_OR_VARIABLE = rf"^(.*\$\{{.*|{PATTERN[2:]}"
"""What the schema shows to editors: a duration, or a text in which ``${NAME}`` will be replaced by a part of one."""

LONGEST = "99999d"

_FORM = re.compile(PATTERN)
_OF_ANY_LENGTH = re.compile(r"[0-9]+(\.[0-9]+)?(ms|s|m|h|d)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def is_too_long(text: str) -> bool:
    """Whether a text has the form of a duration, with more digits than any may have."""
    return _FORM.fullmatch(text) is None and _OF_ANY_LENGTH.fullmatch(text) is not None


def seconds(text: str) -> float:
    """Return the seconds that a duration such as ``"5m"`` means.

    Raises:
        ValueError: the text is no duration.
    """
    if _FORM.fullmatch(text) is None:
        raise ValueError(f'not a duration: "{text}" (write a number and ms, s, m, h or d, as in "30s")')
    # Milliseconds are divided, so that "250ms" is exactly 0.25.
    return float(text[:-2]) / 1000.0 if text.endswith("ms") else float(text[:-1]) * _SECONDS[text[-1]]
