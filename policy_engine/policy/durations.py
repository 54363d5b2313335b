"""Durations as policies write them: ``"250ms" "1.5s" "5m" "1h" "7d"``.

Knows nothing of files and schemas; `PATTERN` is the one form that the schema accepts too.
"""

from __future__ import annotations

import re

PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h|d)$"

_FORM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str) -> float:
    """Return the seconds that a duration such as ``"5m"`` means.

    Raises:
        ValueError: the text is no duration.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f'not a duration: "{text}" (write a number and ms, s, m, h or d, as in "30s")')
    number, unit = match.groups()
    # Milliseconds are divided, so that "250ms" is exactly 0.25.
    return float(number) / 1000.0 if unit == "ms" else float(number) * _SECONDS[unit]
