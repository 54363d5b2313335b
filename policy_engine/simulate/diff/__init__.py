"""What a change of a policy changes: in its meaning, and in what becomes of recorded errors."""

from policy_engine.simulate.diff.behaviour import Behaviour, compare_behaviour
from policy_engine.simulate.diff.meaning import Change, Detail, compare_meaning

__all__ = ["Behaviour", "Change", "Detail", "compare_behaviour", "compare_meaning"]
