"""Structured matchers: compiled once, evaluated on every error, explained when asked.

Used by rules, severity adjustments, breaker counts, metrics, recovery and alert routes.
"""

from policy_engine.match.asked import Asked
from policy_engine.match.index import MatcherIndex
from policy_engine.match.matcher import Matcher, compile_matcher

__all__ = ["Asked", "Matcher", "MatcherIndex", "compile_matcher"]
