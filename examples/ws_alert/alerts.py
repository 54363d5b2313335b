"""What an alert is, and how one is read from the text of a message.

Knows no sockets. A message that is no JSON raises what `json` raises; one that is no alert raises `AlertError`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


class AlertError(ValueError):
    """A message is valid JSON, but no alert."""


class Priority(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, checked."""

    id: str
    priority: Priority
    title: str
    source: str = ""


def parse_alert(message: str | bytes) -> Alert:
    """Return the alert that ``message`` holds.

    Raises:
        json.JSONDecodeError: it is no JSON.
        UnicodeDecodeError: it is no UTF-8.
        AlertError: it is JSON, but a field is missing or has the wrong form.
    """
    data = json.loads(message)
    if not isinstance(data, dict):
        raise AlertError(f"an alert is a JSON object, not a {type(data).__name__}")
    text = {name: _text(data, name) for name in ("id", "priority", "title")}
    try:
        priority = Priority(text["priority"])
    except ValueError:
        raise AlertError(f'unknown priority "{text["priority"]}": use {", ".join(Priority)}') from None
    return Alert(text["id"], priority, text["title"], source=str(data.get("source", "")))


def _text(data: dict[str, object], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise AlertError(f'"{name}" is missing or no text')
    return value
