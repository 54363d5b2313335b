"""Rules and their index, severity and its adjustments."""

from policy_engine.classify.classifier import Classification, ErrorClassifier
from policy_engine.classify.rules import Category, Rule, compile_categories, compile_rules
from policy_engine.classify.severity import SeverityAdjustment, adjusted_severity, compile_adjustments, holds_now

__all__ = [
    "Category",
    "Classification",
    "ErrorClassifier",
    "Rule",
    "SeverityAdjustment",
    "adjusted_severity",
    "compile_adjustments",
    "compile_categories",
    "compile_rules",
    "holds_now",
]
