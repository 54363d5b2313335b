"""What ``[store]`` says: where errors are kept, how soon, how safely, how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policy_engine.model import Severity
from policy_engine.policy.durations import seconds

_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}


class StoreKind(StrEnum):
    """Where errors are kept."""

    OFF = "off"
    MEMORY = "memory"
    """Until the process ends."""
    SQLITE = "sqlite"
    """In one file, beside which SQLite keeps its log while it is open."""


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """One store. Durations in seconds, sizes in bytes."""

    kind: StoreKind = StoreKind.OFF
    path: str = ""
    """Of the file; relative to the working directory of the process."""
    sync: frozenset[Severity] = frozenset()
    """Errors of these severities are on the disk before `handle` returns."""
    sync_timeout: float = 2.0
    """How long `handle` waits for that."""
    commit_within: float = 0.25
    """How long the others may wait to be written."""
    keep: float = 30 * 86400.0
    """How long what is stored stays."""
    max_size: int = 10**9
    """How big the file may grow before the oldest goes."""


def compile_store(section: Mapping[str, Any]) -> StoreOptions:
    """Compile ``[store]``."""
    defaults = StoreOptions()
    return StoreOptions(
        kind=StoreKind(section.get("kind", "off")),
        path=section.get("path", ""),
        sync=frozenset(Severity(name) for name, how in section.get("durability", {}).items() if how == "sync"),
        sync_timeout=_seconds(section, "sync_timeout", defaults.sync_timeout),
        commit_within=_seconds(section, "commit_within", defaults.commit_within),
        keep=_seconds(section, "keep", defaults.keep),
        max_size=size(section["max_size"]) if "max_size" in section else defaults.max_size,
    )


def size(text: str) -> int:
    """Return the bytes that a size such as ``"500MB"`` means; the schema has checked its form."""
    return int(text[:-2]) * _UNITS[text[-2:]]


def _seconds(section: Mapping[str, Any], key: str, default: float) -> float:
    return seconds(section[key]) if key in section else default
