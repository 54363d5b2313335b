"""Exporters that plugins bring: what they get, where, and what happens to those that are slow or fail."""

import builtins
import os
import threading
from pathlib import Path

import pytest
from forked import in_child
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

from policy_engine import Engine, load_policy
from policy_engine.model import ErrorHandled
from policy_engine.observe.exporting import BATCH

EXPORTER = """
import builtins

@hookimpl
def policy_engine_exporters():
    return [Exporter("acme.events", export)]

def export(events):
    builtins.acme_exported.append(events)
    if builtins.acme_failing:
        raise ConnectionError("nobody there")
"""


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list:
    batches: list = []
    monkeypatch.setattr(builtins, "acme_exported", batches, raising=False)
    monkeypatch.setattr(builtins, "acme_failing", False, raising=False)
    return batches


def messages(batches: list) -> list[str]:
    return [event.info.message for batch in batches for event in batch if isinstance(event, ErrorHandled)]


def test_an_exporter_gets_events_in_order_off_the_failing_thread(tmp_path: Path, exported: list) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine, clock = an_engine(a_policy_file(tmp_path, ""))

    engine.handle(ValueError("first"))
    engine.handle(ValueError("second"))
    assert exported == []
    clock.advance()

    assert messages(exported) == ["first", "second"]
    assert engine.statistics()["exporters"] == {"acme.events": {"exported": 2, "failed": 0, "dropped": 0}}


def test_many_events_come_in_batches(tmp_path: Path, exported: list) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine, clock = an_engine(a_policy_file(tmp_path, ""))

    for number in range(2 * BATCH + 1):
        engine.handle(ValueError(str(number)))
    clock.advance()

    assert [len(batch) for batch in exported] == [BATCH, BATCH, 1]


def test_what_a_full_queue_refuses_is_counted(tmp_path: Path, exported: list) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine, clock = an_engine(a_policy_file(tmp_path, "[bounds]\nqueue = 3\n"))

    for number in range(5):
        engine.handle(ValueError(str(number)))
    clock.advance()

    assert messages(exported) == ["0", "1", "2"]
    assert engine.statistics()["exporters"]["acme.events"]["dropped"] == 2


def test_an_exporter_that_raises_is_counted_and_does_not_export_its_own_faults(
    tmp_path: Path, exported: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "acme_failing", True)
    a_plugin(tmp_path, EXPORTER)
    a_plugin(tmp_path, EXPORTER.replace("acme.events", "other.events"), "other.py")
    engine, clock = an_engine(a_policy_file(tmp_path, "", ["acme.py", "other.py"]))

    engine.handle(ValueError("bad"))
    clock.advance(10)

    assert len(exported) == 2
    assert engine.statistics()["engine_faults"] == 2
    assert engine.statistics()["exporters"]["acme.events"] == {"exported": 0, "failed": 1, "dropped": 0}


def test_a_replay_exports_nothing(tmp_path: Path, exported: list) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine, clock = an_engine(a_policy_file(tmp_path, ""), dry=True)

    engine.handle(ValueError("bad"))
    clock.advance()

    assert exported == []


def test_a_reload_without_the_plugin_ends_its_exports(tmp_path: Path, exported: list) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine, clock = an_engine(a_policy_file(tmp_path, ""))
    a_policy_file(tmp_path, "", plugins=())
    engine.reload()
    clock.advance()
    exported.clear()

    engine.handle(ValueError("bad"))
    clock.advance()

    assert exported == []


def test_an_asynchronous_exporter_is_refused(tmp_path: Path) -> None:
    a_plugin(tmp_path, EXPORTER.replace("def export", "async def export"))

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert found.code == "PE406"
    assert 'the exporter "acme.events" is asynchronous' in found.message


def test_under_threads_every_event_is_exported_or_counted_as_dropped_and_in_order(
    tmp_path: Path, exported: list
) -> None:
    a_plugin(tmp_path, EXPORTER)
    engine = Engine(load_policy(a_policy_file(tmp_path, "[bounds]\nqueue = 200\n")))

    def fail(name: str) -> None:
        for number in range(300):
            engine.handle(ValueError(f"{name} {number}"))

    threads = [threading.Thread(target=fail, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.clock.drain(10)

    counts = engine.statistics()["exporters"]["acme.events"]
    told = messages(exported)
    assert counts["exported"] + counts["dropped"] == 1200
    assert len(told) == counts["exported"]
    assert all(len(batch) <= BATCH for batch in exported)
    for name in "abcd":
        numbers = [int(text.split()[1]) for text in told if text.startswith(name)]
        assert numbers == sorted(numbers)


HANGING = """
import threading
GOES_ON = threading.Event()

def export(events):
    if not GOES_ON.is_set():
        GOES_ON.wait()
    builtins.acme_exported.append(events)
"""


def a_hanging_exporter(folder: Path, policy: str = "") -> tuple[Engine, threading.Event]:
    """An engine on the machine's clock, and what lets its exporter go on."""
    a_plugin(folder, f"{EXPORTER}{HANGING}")
    loaded = load_policy(a_policy_file(folder, policy))
    return Engine(loaded), loaded.plugins.objects["acme.py"].GOES_ON


def test_an_exporter_that_hangs_keeps_its_own_thread_and_no_worker(tmp_path: Path, exported: list) -> None:
    engine, goes_on = a_hanging_exporter(tmp_path, f"[bounds]\nworkers = 1\n{RECOVERY}")
    done = threading.Event()
    engine.register("reconnect", lambda info: done.set())

    engine.handle(ValueError("bad"))

    assert done.wait(10)
    assert exported == []
    goes_on.set()
    assert engine.clock.drain(10)


RECOVERY = """
[[recovery.strategies]]
name = "reconnect"
match = { severity = "MEDIUM" }
steps = [{ action = "call", function = "reconnect" }]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_child_of_a_fork_exports_its_own_events_and_not_its_parent_s(tmp_path: Path, exported: list) -> None:
    engine, goes_on = a_hanging_exporter(tmp_path)
    engine.handle(ValueError("of the parent"))
    engine.handle(ValueError("that waits"))

    def exports_its_own() -> bool:
        goes_on.set()
        engine.handle(ValueError("of the child"))
        return engine.clock.drain(10) and messages(exported) == ["of the child"]

    assert in_child(exports_its_own)
    goes_on.set()
    assert engine.clock.drain(10)
    assert messages(exported) == ["of the parent", "that waits"]
