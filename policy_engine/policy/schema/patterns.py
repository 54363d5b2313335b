"""A schema's patterns as JSON Schema means them, for who looks for what is wrong and for who tells of it."""

from __future__ import annotations

import re
from functools import cache

_END_OF_TEXT = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$")
"""A ``$`` of a pattern, past what is escaped or stands in a class."""


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """A schema's ``$`` is the end of the text, as in ECMA-262; Python's would let a line feed follow."""
    return re.compile(_END_OF_TEXT.sub(lambda found: found[1] or r"\Z", pattern))
