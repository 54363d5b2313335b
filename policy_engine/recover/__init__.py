"""Recovery: what the service does about an error by itself, within limits, off the failing thread."""

from policy_engine.recover.actions import Action, ActionContext, Again, Delay, Outcome
from policy_engine.recover.children import Children, ChildStoppedError, Restart
from policy_engine.recover.options import (
    Intensity,
    On,
    RecoveryOptions,
    Step,
    Strategy,
    compile_backoff,
    compile_recovery,
)
from policy_engine.recover.recoveries import RecoveryManager, Script, all_succeed
from policy_engine.recover.recovery import Plan, Recovery
from policy_engine.recover.registration import RecoveryFunction
from policy_engine.recover.supervision import Refusal
from policy_engine.recover.waiting import await_recovery, wait_for_recovery

__all__ = [
    "Action",
    "ActionContext",
    "Again",
    "ChildStoppedError",
    "Children",
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
    "Restart",
    "Script",
    "Step",
    "Strategy",
    "all_succeed",
    "await_recovery",
    "compile_backoff",
    "compile_recovery",
    "wait_for_recovery",
]
