"""Where the keys of pseudonyms come from: the environment, or a file; and which of them are there, and fit.

The bytes of a key go from here into a `Pseudonyms`, and nowhere else.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policy_engine.policy.document import Document
from policy_engine.privacy.pseudonyms import Pseudonyms

_SECTION = ("privacy", "pseudonymise")


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
    size: int
    """In bytes."""
    is_public: bool
    """Whether every account of the machine may read its file."""


def with_paths(document: Document) -> Mapping[str, Any]:
    """Return what a policy says of pseudonyms, the files of keys as they are found from the working directory."""
    table = document.data["privacy"]["pseudonymise"]
    previous = [
        _with_path(document, (*_SECTION, "previous", number), each)
        for number, each in enumerate(table.get("previous", ()))
    ]
    return {**_with_path(document, _SECTION, table), "previous": previous}


def keys_of(section: Mapping[str, Any]) -> Iterator[Key]:
    """Yield the keys that ``pseudonymise`` names, files by their paths: the one in use, then those used before it."""
    for table in (section, *section.get("previous", ())):
        yield _from_file(table["key_file"]) if "key_file" in table else _from_environment(table["key_env"])


def _with_path(document: Document, path: tuple[str | int, ...], table: Mapping[str, Any]) -> Mapping[str, Any]:
    if "key_file" not in table:
        return table
    return {**table, "key_file": str(document.file_path((*path, "key_file"), table["key_file"]))}


def _from_environment(name: str) -> Key:
    key = os.environ.get(name, "").encode(errors="surrogateescape")
    return _key("key_env", name, key, "" if key else f"the environment variable {name} is not set")


def _from_file(name: str) -> Key:
    try:
        with Path(name).open("rb") as file:
            key, mode = file.read().rstrip(b"\r\n"), os.fstat(file.fileno()).st_mode
    except OSError as error:
        return _key("key_file", name, b"", f"{name} cannot be read: {(error.strerror or str(error)).lower()}")
    is_public = os.name == "posix" and bool(mode & stat.S_IROTH)
    return _key("key_file", name, key, "" if key else f"{name} is empty", is_public=is_public)


def _key(setting: str, name: str, key: bytes, missing: str, *, is_public: bool = False) -> Key:
    return Key(setting, name, Pseudonyms(key) if key else None, missing, len(key), is_public)
