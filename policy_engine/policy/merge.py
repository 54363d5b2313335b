"""Files into one document: lists of tables follow each other in file order, tables merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policy_engine.policy.files import SourceFile


def merged(files: Sequence[SourceFile]) -> dict[str, Any]:
    """Return the data of all files as one; a value that two files set is the first one's."""
    data: dict[str, Any] = {}
    for file in files:
        _merge(data, file.data)
    return data


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            present.extend(value)
        elif isinstance(value, dict):
            into.setdefault(key, {})
            _merge(into[key], value)
        elif isinstance(value, list):
            into.setdefault(key, list(value))
        else:
            into.setdefault(key, value)
