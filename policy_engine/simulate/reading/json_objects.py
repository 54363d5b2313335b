"""One line of JSON as an object: plain data without lone surrogates, which nothing downstream could write again."""

from __future__ import annotations

import json
import re
from typing import Any

_decode = json.JSONDecoder().raw_decode
_BETWEEN = " \t\n\r"
_HALF_OF_A_PAIR = re.compile(r"\\u[dD]")


def object_in(line: str) -> dict[str, Any] | None:
    """Parse a line; ``None`` where it is no JSON object."""
    try:
        found, end = _decode(line)
        if end < len(line) and line[end:].strip(_BETWEEN):
            return None
        if "\\u" in line and _HALF_OF_A_PAIR.search(line):
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
