"""Waiting for a recovery to end, for whoever needs its result: a thread that blocks, or a task that awaits.

Inside a recovery nobody waits for one: it could be waiting for itself.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from policy_engine.recover.execution import inside
from policy_engine.recover.recoveries import RecoveryManager
from policy_engine.recover.recovery import Recovery

if TYPE_CHECKING:
    from policy_engine.clock import Clock


def _may_wait() -> bool:
    here = inside()
    return here is None or here.over


def wait_for_recovery(
    manager: RecoveryManager, recovery_id: str, clock: Clock, timeout: float | None = None
) -> Recovery | None:
    """Block until a recovery ended, for ``timeout`` seconds of ``clock`` at the most, and return how it stands."""
    ended, results = threading.Event(), list[Recovery]()

    def tell(recovery: Recovery) -> None:
        results.append(recovery)
        ended.set()

    if _may_wait() and manager.when_ended(recovery_id, tell):
        timer = None if timeout is None else clock.call_at(clock.monotonic() + timeout, ended.set)
        ended.wait()
        if timer is not None:
            timer.cancel()
    return results[0] if results else manager.recovery(recovery_id)


async def await_recovery(manager: RecoveryManager, recovery_id: str) -> Recovery | None:
    """Await the end of a recovery and return how it stands; cancelling the waiter cancels no recovery."""
    import asyncio  # imported by whoever awaits

    loop = asyncio.get_running_loop()
    ended, results = asyncio.Event(), list[Recovery]()

    def tell(recovery: Recovery) -> None:
        results.append(recovery)
        loop.call_soon_threadsafe(ended.set)

    if _may_wait() and manager.when_ended(recovery_id, tell):
        await ended.wait()
    return results[0] if results else manager.recovery(recovery_id)
