"""Recovery: what the service does about an error by itself, within limits, off the failing thread."""

from policy_engine.recover.actions import Action, ActionContext, Delay, Outcome
from policy_engine.recover.options import (
    Intensity,
    On,
    RecoveryOptions,
    Step,
    Strategy,
    compile_backoff,
    compile_recovery,
)
from policy_engine.recover.recoveries import RecoveryFunction, RecoveryManager
from policy_engine.recover.recovery import Plan, Recovery
from policy_engine.recover.supervision import Refusal

__all__ = [
    "Action",
    "ActionContext",
    "Delay",
    "Intensity",
    "On",
    "Outcome",
    "Plan",
    "Recovery",
    "RecoveryFunction",
    "RecoveryManager",
    "RecoveryOptions",
    "Refusal",
    "Step",
    "Strategy",
    "compile_backoff",
    "compile_recovery",
]
