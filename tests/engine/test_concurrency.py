"""Many threads and tasks at once: exact counts, no deadlock, nothing lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from makers import a_policy, an_engine

from policy_engine import DegradedError, Engine, VirtualClock
from policy_engine.model import EngineFault, PolicyChanged

POLICY = '[categories.NETWORK]\n[[rules]]\nname = "r"\nmatch.exception = "OSError"\ncategory = "NETWORK"\n'


def in_threads(count: int, work: Callable[[int], object]) -> None:
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_errors_from_many_threads_are_counted_exactly() -> None:
    engine = an_engine(POLICY)
    in_threads(20, lambda number: [engine.handle(OSError(number, "x")) for _ in range(100)])
    counts = engine.statistics()
    assert counts["total_errors"] == 2000
    assert counts["by_category"] == {"NETWORK": 2000}
    assert counts["errors_per_minute"] == 2000


def test_an_error_that_a_callback_meets_while_handling_one_is_handled_too_and_ends() -> None:
    engine = an_engine(POLICY)

    def on_event(event: object) -> None:
        if engine.statistics()["total_errors"] < 5:
            engine.handle(ValueError("inside a callback"))

    engine.subscribe(on_event)
    engine.handle(ValueError("outside"))
    assert engine.statistics()["total_errors"] == 5


def test_reloads_under_traffic_lose_nothing() -> None:
    engine = an_engine(POLICY)
    policies = [a_policy(POLICY), a_policy(POLICY.replace('"r"', '"s"'))]
    rules: set[str | None] = set()

    def work(number: int) -> None:
        for turn in range(100):
            if number == 0:
                engine.adopt(policies[turn % 2])
            else:
                rules.add(engine.handle(OSError("x")).rule)

    in_threads(8, work)
    assert engine.statistics()["total_errors"] == 700
    assert rules <= {"r", "s"}


def test_a_task_that_outlives_the_protection_it_was_started_in_reports_its_own_errors() -> None:
    engine = an_engine(POLICY + "[calls.api]\ntimeout = '30s'\n", clock=VirtualClock())

    @engine.protect("api")
    async def read() -> None:
        await asyncio.sleep(0)
        raise OSError("reader")

    @engine.protect("api")
    async def connect() -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(read())

    async def program() -> None:
        reader = await connect()
        with pytest.raises(OSError, match="reader"):
            await reader

    asyncio.run(program())
    assert engine.statistics()["total_errors"] == 1


def test_no_lock_is_held_while_subscribers_hear_of_a_reload() -> None:
    engine = an_engine(POLICY)
    later = a_policy(POLICY.replace('"r"', '"later"'))

    def on_event(event: object) -> None:
        if isinstance(event, PolicyChanged) and engine.policy is not later:
            worker = threading.Thread(target=engine.adopt, args=(later,))
            worker.start()
            worker.join(timeout=10)
            assert not worker.is_alive()

    engine.subscribe(on_event)
    engine.adopt(a_policy(POLICY))
    assert engine.policy is later
    assert engine.handle(OSError("x")).rule == "later"
    assert engine.statistics()["engine_faults"] == 0


def test_a_block_runs_at_its_level_and_is_refused_below() -> None:
    engine = an_engine(POLICY)
    with engine.require("minimal"):
        assert engine.level() == "full"
    engine.degradation.set_level("emergency", "a test")
    with pytest.raises(DegradedError), engine.require("minimal"):
        pytest.fail("ran")


def test_the_level_decides_who_runs() -> None:
    engine: Engine = an_engine(POLICY)

    @engine.critical_function
    def critical() -> str:
        return "ran"

    @engine.emergency_function
    def emergency() -> str:
        return "ran"

    engine.degradation.set_level("minimal", "a test")
    assert critical() == "ran"
    engine.degradation.set_level("emergency", "a test")
    assert emergency() == "ran"
    with pytest.raises(DegradedError) as refused:
        critical()
    assert (refused.value.level, refused.value.reason) == ("emergency", "a test")
    assert engine.statistics()["total_errors"] == 0


def test_what_a_worker_task_raises_is_reported_not_lost() -> None:
    engine = Engine(a_policy(POLICY))
    heard = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, EngineFault):
            heard.set()

    def fail() -> None:
        raise RuntimeError("in a worker")

    engine.subscribe(on_event)
    engine.clock.submit(fail)
    assert heard.wait(10)
    assert engine.statistics()["engine_faults"] == 1
