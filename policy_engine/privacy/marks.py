"""What stands where something was taken out: one form each, for readers to search and a second scrub to leave alone."""

from __future__ import annotations

import re

MARKER = "[scrubbed]"
"""Stands in the place of a secret."""

CUT_TEXT = re.compile(r" \.\.\. ([1-9]\d{0,15}) more characters\Z")
"""The note at the end of a text that was cut."""

PSEUDONYM = re.compile(r"pseudonym:[0-9a-f]{4}:[0-9a-f]{16}")
"""A value replaced by its keyed hash: the key's mark, then the value's."""


def cut_text(dropped: int) -> str:
    """The note that ``dropped`` characters of a text are not shown; none where nothing was dropped."""
    return f" ... {dropped} more characters" if dropped else ""


REST = "..."
"""The key under which a mapping counts the entries that are not shown."""

CYCLE = "... itself"
"""Stands where a collection would hold itself."""


def cut_items(dropped: int) -> str:
    """The note that ``dropped`` items of a collection are not shown."""
    return f"... {dropped} more"
