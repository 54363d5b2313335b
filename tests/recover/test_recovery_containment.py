import asyncio
import contextvars
import gc
import os
import threading

import pytest
from recover.recovery_makers import Actions, NoPorts, Recoveries, an_error, an_info

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.recover import Delay, await_recovery, wait_for_recovery

DATABASE = {"category": "DATABASE"}


def a_strategy(**fields):
    return {"name": "s", "match": DATABASE, "steps": [{"action": "mend"}], **fields}


def test_a_cancelled_recovery_runs_no_further_step_and_frees_its_target():
    actions = Actions(mend=lambda context: Delay(10.0), go=lambda context: True)
    recoveries = Recoveries([a_strategy(steps=[{"action": "mend"}, {"action": "go"}])], actions)
    plan = recoveries.meet()
    recoveries.clock.advance(5)

    assert recoveries.manager.cancel(plan.recovery_id, "the operator said so")
    recoveries.clock.advance(60)

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert (recovery.status, recovery.reason) == ("cancelled", "the operator said so")
    assert actions.calls == ["mend"]
    statistics = recoveries.manager.statistics()
    assert (statistics["cancelled"], statistics["failed"], statistics["success_rate"]) == (1, 0, None)
    assert recoveries.meet().status == "waiting"
    assert not recoveries.manager.cancel(plan.recovery_id, "twice")


def test_a_recovery_cancelled_before_its_turn_never_starts():
    actions = Actions(mend=lambda context: Delay(10.0))
    recoveries = Recoveries([a_strategy(target="database")], actions, section={"concurrency": 1})
    plans = [recoveries.meet(an_error(context={"database": name})) for name in ("a", "b", "c")]
    recoveries.clock.advance(1)

    recoveries.manager.cancel(plans[1].recovery_id, "no need")
    recoveries.clock.advance(60)

    statuses = [recoveries.manager.recovery(plan.recovery_id).status for plan in plans]
    assert statuses == ["succeeded", "cancelled", "succeeded"]
    assert len(actions.calls) == 2


def test_an_action_cancelled_while_it_runs_counts_as_hung_until_it_returns():
    seen = []

    def mend(context):
        recoveries.manager.cancel(plan.recovery_id, "too slow")
        seen.append(recoveries.manager.statistics()["hung_actions"])
        return True

    recoveries = Recoveries([a_strategy()], Actions(mend=mend))
    plan = recoveries.meet()
    recoveries.clock.advance()

    assert seen == [1]
    assert recoveries.manager.statistics()["hung_actions"] == 0
    assert recoveries.manager.recovery(plan.recovery_id).status == "cancelled"


def test_an_interrupt_in_an_action_passes_and_wedges_no_target():
    def mend(context):
        raise KeyboardInterrupt

    recoveries = Recoveries([a_strategy()], Actions(mend=mend))
    plan = recoveries.meet()

    with pytest.raises(KeyboardInterrupt):
        recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "failed"
    assert recoveries.meet().status == "waiting"


def test_in_the_child_of_a_fork_recoveries_are_interrupted_and_new_ones_start():
    recoveries = Recoveries([a_strategy()], Actions(mend=lambda context: Delay(10.0)))
    plan = recoveries.meet()
    recoveries.clock.advance(1)

    recoveries.manager._ledger.lock.acquire()
    child = os.fork()
    if child == 0:
        interrupted = recoveries.manager.recovery(plan.recovery_id).status == "interrupted"
        os._exit(0 if interrupted and recoveries.meet().status == "waiting" else 1)
    recoveries.manager._ledger.lock.release()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert recoveries.manager.recovery(plan.recovery_id).status == "running"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what asyncio says of the task it lost
def test_a_loop_that_is_closed_before_its_action_ran_fails_the_recovery_and_keeps_no_worker():
    scheduled = threading.Event()

    class Loop(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *arguments, **options):
            handle = super().call_soon_threadsafe(*arguments, **options)
            scheduled.set()
            return handle

    async def mend(context):
        return True

    async def fail():
        plan = recoveries.meet()
        scheduled.wait(10)
        return plan

    clock = SystemClock()
    recoveries = Recoveries([a_strategy()], Actions(mend=mend), clock=clock)
    loop = Loop()
    plan = loop.run_until_complete(fail())
    loop.close()
    recovery = wait_for_recovery(recoveries.manager, plan.recovery_id, clock, timeout=10)

    gc.collect()
    assert (recovery.status, recovery.steps[0].detail) == ("failed", "RuntimeError")
    assert recoveries.manager.statistics()["hung_actions"] == 0


def test_two_hundred_threads_hit_one_dead_database_one_recovers_it_and_all_are_informed():
    clock = SystemClock()
    release = threading.Event()
    actions = Actions(mend=lambda context: release.wait(10))
    recoveries = Recoveries([a_strategy(target="database")], actions, clock=clock)
    results, together = [], threading.Barrier(201)

    def fail():
        together.wait()
        plan = recoveries.meet(an_error(context={"database": "orders"}))
        together.wait()
        results.append(wait_for_recovery(recoveries.manager, plan.recovery_id, clock, timeout=10))

    threads = [threading.Thread(target=fail) for _ in range(200)]
    for thread in threads:
        thread.start()
    together.wait()
    together.wait()
    release.set()
    for thread in threads:
        thread.join()

    assert actions.calls == ["mend"]
    assert [result.status for result in results] == ["succeeded"] * 200
    assert recoveries.manager.statistics()["skipped"] == {"target": 199}


def test_who_waits_longer_than_the_timeout_learns_how_the_recovery_stands():
    clock = VirtualClock()
    recoveries = Recoveries([a_strategy()], Actions(mend=lambda context: Delay(60.0)), clock=clock)
    plan = recoveries.meet()
    results = []
    thread = threading.Thread(
        target=lambda: results.append(wait_for_recovery(recoveries.manager, plan.recovery_id, clock, timeout=5))
    )
    thread.start()
    while thread.is_alive():
        clock.advance(1)
        thread.join(0.01)
        if clock.monotonic() >= 50:
            break

    assert [result.status for result in results] == ["running"]


def test_nobody_waits_for_a_recovery_inside_one():
    seen = []

    def mend(context):
        (recovery,) = recoveries.manager.active
        seen.append(wait_for_recovery(recoveries.manager, recovery.id, recoveries.clock))

    recoveries = Recoveries([a_strategy()], Actions(mend=mend))
    recoveries.meet()
    recoveries.clock.advance()

    assert [recovery.status for recovery in seen] == ["running"]


def test_a_task_awaits_a_recovery_whose_action_runs_on_the_task_s_own_loop():
    loops = []

    async def mend(context):
        loops.append(asyncio.get_running_loop())

    async def service():
        plan = recoveries.meet()
        recovery = await await_recovery(recoveries.manager, plan.recovery_id)
        return recovery, asyncio.get_running_loop()

    recoveries = Recoveries([a_strategy()], Actions(mend=mend), clock=SystemClock())

    recovery, loop = asyncio.run(service())

    assert recovery.status == "succeeded"
    assert loops == [loop]


def test_an_asynchronous_action_runs_in_virtual_time_inside_a_running_loop():
    async def mend(context):
        await asyncio.sleep(0)

    async def service():
        plan = recoveries.meet()
        recoveries.clock.advance()
        return recoveries.manager.recovery(plan.recovery_id)

    recoveries = Recoveries([a_strategy()], Actions(mend=mend))

    assert asyncio.run(service()).status == "succeeded"


def test_an_asynchronous_action_is_cancelled_when_its_time_is_up():
    cancelled = []

    async def mend(context):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    recoveries = Recoveries([a_strategy(steps=[{"action": "mend", "timeout": "10ms"}])], Actions(mend=mend))
    plan = recoveries.meet()
    recoveries.clock.advance(1)

    assert cancelled == [True]
    assert recoveries.manager.recovery(plan.recovery_id).status == "failed"


def test_an_asynchronous_action_that_cancels_itself_is_a_failed_step():
    async def mend(context):
        raise asyncio.CancelledError

    recoveries = Recoveries([a_strategy()], Actions(mend=mend))
    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).steps[0].detail == "CancelledError"


def test_ports_and_random_reach_the_action():
    actions = Actions(mend=lambda context: True)
    recoveries = Recoveries([a_strategy()], actions)
    recoveries.manager.start(recoveries.manager.plan(an_error()), an_info(an_error()))
    recoveries.clock.advance()

    assert isinstance(actions.contexts[0].ports, NoPorts)
    assert 0.0 <= actions.contexts[0].random.random() < 1.0


def test_what_a_recovery_left_behind_starts_another_once_that_recovery_ended():
    """As a connection that an action made, whose reading task fails at once, keeps the context it was made in."""
    left_behind = []

    def connect(context):
        left_behind.append(contextvars.copy_context())
        return True

    actions = Actions(connect=connect, pause=lambda context: Delay(5.0))
    recoveries = Recoveries([a_strategy(steps=[{"action": "connect"}, {"action": "pause"}])], actions)
    first = recoveries.meet()
    recoveries.clock.advance(1)

    early = left_behind[0].run(recoveries.meet)
    assert (early.status, early.recovery_id) == ("skipped", first.recovery_id)
    recoveries.clock.advance(4)
    assert recoveries.manager.recovery(first.recovery_id).status == "succeeded"
    recoveries.clock.advance(5)
    assert actions.calls == ["connect", "pause"] * 2

    late = left_behind[1].run(recoveries.meet)
    assert late.status == "waiting"
    assert recoveries.manager.statistics()["skipped"] == {}
