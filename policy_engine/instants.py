"""Instants as they are written for JSON and for people: ISO 8601, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def iso(time: float) -> str: ...
@overload
def iso(time: float | None) -> str | None: ...
def iso(time: float | None) -> str | None:
    """Return ``"2026-03-01T12:00:00+00:00"`` for seconds since 1970; ``None`` where there is no time."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()
