"""Recorded errors and logs read in bounded memory: lines, what belongs together, and the errors in it."""

from policy_engine.simulate.reading.counts import Counts
from policy_engine.simulate.reading.found import Found
from policy_engine.simulate.reading.reader import Reader

__all__ = ["Counts", "Found", "Reader"]
