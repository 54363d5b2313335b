"""Fallbacks: options, the last good results, the layer that answers."""

from policy_engine.protect.fallback.last_good import LastGoodResults
from policy_engine.protect.fallback.layer import FallbackLayer
from policy_engine.protect.fallback.options import (
    FallbackFunction,
    FallbackOptions,
    FallbackValue,
    LastGood,
    compile_fallback,
)

__all__ = [
    "FallbackFunction",
    "FallbackLayer",
    "FallbackOptions",
    "FallbackValue",
    "LastGood",
    "LastGoodResults",
    "compile_fallback",
]
