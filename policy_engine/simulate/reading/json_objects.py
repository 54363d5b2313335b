"""One line of JSON as an object: plain data without lone surrogates, which nothing downstream could write again."""

from __future__ import annotations

import json
from typing import Any

_decode = json.JSONDecoder().decode


def object_in(line: str) -> dict[str, Any] | None:
    """Parse a line; ``None`` where it is no JSON object."""
    try:
        found = _decode(line)
        if "\\ud" in line or "\\uD" in line:
            found = _encodable(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value
