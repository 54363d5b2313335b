"""Bulkheads: options, the places, the layer that waits or refuses."""

from policy_engine.protect.bulkhead.layer import BulkheadLayer
from policy_engine.protect.bulkhead.options import BulkheadOptions, compile_bulkhead

__all__ = ["BulkheadLayer", "BulkheadOptions", "compile_bulkhead"]
