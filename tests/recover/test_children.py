"""Real threads, tasks and processes: they fail, are told of, and restarted with those that go with them."""

import asyncio
import queue
import sys
import threading

import pytest

from policy_engine.errors import UnknownNameError
from policy_engine.recover import Children, ChildStoppedError


class Started:
    """Notes the starts of children, and fails the one that is told to."""

    def __init__(self):
        self.names = queue.Queue()
        self.fail = {}

    def child(self, name):
        self.fail[name] = threading.Event()

        def run(stop):
            self.names.put(name)
            while not stop.wait(0.001):
                if self.fail[name].is_set():
                    self.fail[name].clear()
                    raise ConnectionError(name)

        return run

    def next(self, count):
        return [self.names.get(timeout=10) for _ in range(count)]


@pytest.mark.parametrize(
    ("restart", "restarted"),
    [
        ("one_for_one", ["b"]),
        ("one_for_all", ["a", "b", "c"]),
        ("rest_for_one", ["b", "c"]),
    ],
)
def test_who_is_restarted_with_the_child_that_failed(restart, restarted):
    started, ended = Started(), queue.Queue()
    children = Children(restart, ended=lambda name, error: ended.put((name, type(error))))
    for name in ("a", "b", "c"):
        children.add_thread(name, started.child(name))
    children.start()
    assert sorted(started.next(3)) == ["a", "b", "c"]

    started.fail["b"].set()
    assert ended.get(timeout=10) == ("b", ConnectionError)
    assert children.restart("b")

    assert sorted(started.next(len(restarted))) == restarted
    assert children.stop()
    assert started.names.empty()
    assert ended.empty()


def test_a_thread_that_does_not_stop_is_not_started_a_second_time():
    release, starts = threading.Event(), []

    def stubborn(stop):
        starts.append(1)
        release.wait(10)

    children = Children(ended=lambda name, error: None, stop_timeout=0.01)
    children.add_thread("stubborn", stubborn)
    children.start()

    assert not children.restart("stubborn")
    release.set()
    assert children.restart("stubborn") or children.restart("stubborn")
    children.stop()

    assert len(starts) == 2


def test_a_child_that_nobody_added_cannot_be_restarted():
    children = Children(ended=lambda name, error: None)
    children.add_thread("mailer", lambda stop: None)

    with pytest.raises(UnknownNameError, match="there are: mailer"):
        children.restart("mialer")


def test_a_process_that_fails_is_told_of_and_restarted(tmp_path):
    ended = queue.Queue()
    marker = tmp_path / "failed"
    program = f"""
import pathlib, sys, time
marker = pathlib.Path({str(marker)!r})
if not marker.exists():
    marker.touch()
    sys.exit(3)
time.sleep(60)
"""
    children = Children(ended=lambda name, error: ended.put((name, error)))
    children.add_process("worker", [sys.executable, "-c", program])
    children.start()

    name, error = ended.get(timeout=20)
    assert (name, str(error)) == ("worker", "worker ended with exit code 3")
    assert isinstance(error, ChildStoppedError)
    assert children.restart("worker")
    assert children.stop()
    assert ended.empty()


def test_a_task_that_fails_is_told_of_and_restarted_on_its_own_loop():
    ended, started = queue.Queue(), queue.Queue()
    answers = iter([ValueError("closed")])

    async def read():
        started.put(asyncio.get_running_loop())
        failure = next(answers, None)
        if failure is not None:
            raise failure
        await asyncio.sleep(60)

    async def service():
        children = Children(ended=lambda name, error: ended.put((name, error)))
        children.add_task("reader", read, asyncio.get_running_loop())
        await asyncio.to_thread(children.start)
        name, error = await asyncio.to_thread(ended.get, True, 10)
        restarted = await asyncio.to_thread(children.restart, "reader")
        loops = [await asyncio.to_thread(started.get, True, 10) for _ in range(2)]
        stopped = await asyncio.to_thread(children.stop)
        return name, str(error), restarted, stopped, loops == [asyncio.get_running_loop()] * 2

    assert asyncio.run(service()) == ("reader", "closed", True, True, True)
    assert ended.empty()
