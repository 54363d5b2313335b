"""What the engine tells people: statistics, alerts, and what exporters get.

Stands beside the mechanisms, not above the engine: an engine without its counts is none, and the compiler needs the
routes. Reports, which read an engine from outside, live above it.
"""

from policy_engine.observe.alerts import Alert, AlertOptions, AlertRouter, ChannelKind, compile_alerts
from policy_engine.observe.answers import Question, answer, moment, question
from policy_engine.observe.exporting import Exporters, Exports
from policy_engine.observe.impact import Charge, Impact
from policy_engine.observe.live import LiveCounts
from policy_engine.observe.statistics import Statistics

__all__ = [
    "Alert",
    "AlertOptions",
    "AlertRouter",
    "ChannelKind",
    "Charge",
    "Exporters",
    "Exports",
    "Impact",
    "LiveCounts",
    "Question",
    "Statistics",
    "answer",
    "compile_alerts",
    "moment",
    "question",
]
