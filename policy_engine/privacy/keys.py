"""Where the keys of pseudonyms come from: the environment, or a file; and which of them are there.

The bytes of a key go from here into a `Pseudonyms`, and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policy_engine.privacy.pseudonyms import Pseudonyms


class Key(NamedTuple):
    """One key that a policy names."""

    setting: str
    """``"key_env"`` or ``"key_file"``."""
    name: str
    """Of the variable or the file."""
    pseudonyms: Pseudonyms | None
    """``None`` where the key is not to be had."""
    missing: str
    """Why not, in words."""


def keys_of(section: Mapping[str, Any]) -> Iterator[Key]:
    """Yield the keys that ``pseudonymise`` names: the one in use, then those used before it."""
    for table in (section, *section.get("previous", ())):
        setting = "key_env" if "key_env" in table else "key_file"
        key, missing = _from_environment(table[setting]) if setting == "key_env" else _from_file(table[setting])
        yield Key(setting, table[setting], Pseudonyms(key) if key else None, missing)


def _from_environment(name: str) -> tuple[bytes, str]:
    key = os.environ.get(name, "").encode(errors="surrogateescape")
    return key, "" if key else f"the environment variable {name} is not set"


def _from_file(name: str) -> tuple[bytes, str]:
    try:
        key = Path(name).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        return b"", f"{name} cannot be read: {(error.strerror or str(error)).lower()}"
    return key, "" if key else f"{name} is empty"
