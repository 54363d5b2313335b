import os
import threading

import pytest
from degrade.degrade_support import START, Service, a_trigger

from policy_engine.clock import SystemClock
from policy_engine.degrade import GracefulDegradation, compile_degradation
from policy_engine.metrics import MetricSet
from policy_engine.model import Occurrence


def in_threads(work, count=8):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_errors_from_many_threads_make_one_change_of_level():
    section = {"triggers": [a_trigger(above=100)]}
    options = compile_degradation(section)
    service = Service()
    metrics = MetricSet(options.metrics(), on_fault=lambda where, error: pytest.fail(str(error)))
    events = []
    degradation = GracefulDegradation(
        options,
        clock=service.clock,
        read_all=lambda wanted: metrics.read_all(wanted, 0.0),
        publish=events.append,
    )
    error = Occurrence("ValueError", ("ValueError",), "boom", START)

    def fail():
        for _ in range(100):
            degradation.evaluate(metrics.error_handled(error, 0.0))

    in_threads(fail)
    assert degradation.current_level == "degraded"
    assert len(events) == 1


def test_levels_can_be_read_and_set_while_the_policy_is_reloaded():
    few, many = compile_degradation({"levels": ["full", "off"]}), compile_degradation({})
    degradation = Service().degradation
    guarded = Service().critical_function
    failures = []
    done = threading.Event()

    def reload():
        for turn in range(300):
            degradation.adopt((few, many)[turn % 2])
            degradation.set_level("full", "test")
        done.set()

    def read():
        while not done.is_set():
            try:
                degradation.level()
                degradation.position()
                degradation.allows("full")
            except Exception as error:
                failures.append(error)

    assert guarded(lambda: 1)() == 1
    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    reload()
    for reader in readers:
        reader.join()
    assert failures == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_though_a_thread_held_the_lock():
    section = {"triggers": [a_trigger()]}
    options = compile_degradation(section)
    metrics = MetricSet(options.metrics(), on_fault=lambda where, error: None)
    clock = SystemClock()
    degradation = GracefulDegradation(
        options,
        clock=clock,
        read_all=lambda wanted: metrics.read_all(wanted, clock.monotonic()),
        publish=lambda event: None,
    )
    error = Occurrence("ValueError", ("ValueError",), "boom", START)
    with degradation._lock, metrics._lock:
        child = os.fork()
        if not child:
            try:
                for _ in range(31):
                    degradation.evaluate(metrics.error_handled(error, clock.monotonic()))
                os._exit(0 if degradation.current_level == "degraded" else 1)
            finally:
                os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    degradation.close()
