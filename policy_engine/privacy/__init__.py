"""Scrubbing: secrets leave an error before anything keeps it."""

from policy_engine.privacy.detectors import NAMES as DETECTORS
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.scrubber import Scrubber, compile_privacy

__all__ = ["DETECTORS", "MARKER", "Scrubber", "compile_privacy"]
