"""Time, timers and workers: the system's, and a virtual clock that runs due work inline.

Everything above asks its engine's clock, so a test and a replay see the same behaviour as a service, exactly.
"""

from policy_engine.clock.loops import running_loop
from policy_engine.clock.protocol import Clock, Lane, TimeoutScope
from policy_engine.clock.system import SystemClock
from policy_engine.clock.timer import FaultHandler, Task, Timer
from policy_engine.clock.virtual import VirtualClock

__all__ = [
    "Clock",
    "FaultHandler",
    "Lane",
    "SystemClock",
    "Task",
    "TimeoutScope",
    "Timer",
    "VirtualClock",
    "running_loop",
]
