"""What a ``fallback`` table may say: one of a value, a registered function, the last good result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.durations import seconds


@dataclass(frozen=True, slots=True)
class FallbackValue:
    """Answer with a copy of ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class FallbackFunction:
    """Answer with what the function registered as ``name`` makes of the same arguments."""

    name: str


@dataclass(frozen=True, slots=True)
class LastGood:
    """Answer with the last good result of the same function and arguments, if it is no older than ``age`` seconds."""

    age: float


FallbackOptions = FallbackValue | FallbackFunction | LastGood


def compile_fallback(table: Mapping[str, Any]) -> FallbackOptions:
    """Compile a schema-valid ``fallback`` table."""
    if "function" in table:
        return FallbackFunction(table["function"])
    if "last_good" in table:
        return LastGood(seconds(table["last_good"]))
    return FallbackValue(table["value"])
