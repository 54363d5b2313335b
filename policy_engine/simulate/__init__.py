"""The engine in virtual time: recorded errors replayed, in whatever format they were recorded."""

from policy_engine.simulate.inputs import Input
from policy_engine.simulate.replay import decision, replay
from policy_engine.simulate.summary import ReplaySummary

__all__ = ["Input", "ReplaySummary", "decision", "replay"]
