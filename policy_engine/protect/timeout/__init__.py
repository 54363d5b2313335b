"""Timeouts: how long a call may take, and how much of that is left."""

from policy_engine.protect.timeout.deadline import deadline, no_later_than, time_left
from policy_engine.protect.timeout.layer import TimeoutLayer
from policy_engine.protect.timeout.threads import CallThreads

__all__ = ["CallThreads", "TimeoutLayer", "deadline", "no_later_than", "time_left"]
