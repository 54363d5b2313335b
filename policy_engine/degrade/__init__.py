"""Levels, the triggers that move them, and the functions that depend on them."""

from policy_engine.degrade.degradation import GracefulDegradation
from policy_engine.degrade.functions import FunctionDecorators
from policy_engine.degrade.gates import Host
from policy_engine.degrade.history import LevelEntry
from policy_engine.degrade.options import DEFAULT_LEVELS, DegradationOptions, compile_degradation

__all__ = [
    "DEFAULT_LEVELS",
    "DegradationOptions",
    "FunctionDecorators",
    "GracefulDegradation",
    "Host",
    "LevelEntry",
    "compile_degradation",
]
