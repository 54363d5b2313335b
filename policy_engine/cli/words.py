"""Counts, times and untrusted text as people read them in a terminal, for commands that draw no page."""

from __future__ import annotations

from datetime import UTC, datetime

_WIDTH = 100


def many(number: int, noun: str) -> str:
    """A number with its noun: ``1 error``, ``2 errors``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def when(time: float | None) -> str:
    """A time as people read it; UTC."""
    return "" if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")


def line(text: str) -> str:
    """A text on one line, without what could move a terminal's cursor."""
    flat = " ".join(text[: 4 * _WIDTH].split())
    safe = "".join(character if character.isprintable() else "?" for character in flat)
    return safe if len(safe) <= _WIDTH else safe[: _WIDTH - 3] + "..."
