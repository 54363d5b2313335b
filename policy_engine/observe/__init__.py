"""What the engine tells people: statistics and alerts.

Stands beside the mechanisms, not above the engine: an engine without its counts is none, and the compiler needs the
routes. Reports, which read an engine from outside, live above it.
"""

from policy_engine.observe.alerts import AlertOptions, AlertRouter, compile_alerts
from policy_engine.observe.statistics import Statistics

__all__ = ["AlertOptions", "AlertRouter", "Statistics", "compile_alerts"]
