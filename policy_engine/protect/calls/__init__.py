"""Calls: what a ``[calls.NAME]`` table says, its strategies composed, and the protection that code meets."""

from policy_engine.protect.calls.options import CallOptions, compile_calls
from policy_engine.protect.calls.outcome import Outcome, OutcomeListener
from policy_engine.protect.calls.pipeline import Pipeline
from policy_engine.protect.calls.protection import ProtectedBlock, Protection

__all__ = ["CallOptions", "Outcome", "OutcomeListener", "Pipeline", "ProtectedBlock", "Protection", "compile_calls"]
