"""The store of a running service: switched by reload while errors come, and written when a program ends."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading

import pytest
from makers import a_policy

from policy_engine import Engine, VirtualClock
from policy_engine.metrics.rollup import Window
from policy_engine.store.sqlite import SqliteReader

NOON = 1_772_366_400.0
POLICY = """
[categories.DATABASE]
severity = "CRITICAL"
[[rules]]
name = "db"
match.exception = "ValueError"
category = "DATABASE"
"""


def stored(path, **options):
    lines = [f'{key} = "{value}"' for key, value in options.items()]
    return "\n".join([POLICY, "[store]", 'kind = "sqlite"', f'path = "{path}"', *lines, ""])


def counted(path):
    reader = SqliteReader.open(str(path))
    try:
        return sum(cost.errors for cost in reader.costs(Window(0, 4e9), "category", {}).values())
    finally:
        reader.close()


def test_a_store_is_switched_on_moved_and_off_while_a_service_runs(tmp_path):
    engine = Engine(a_policy(POLICY), clock=VirtualClock(NOON))
    engine.handle(ValueError("before"))
    engine.adopt(a_policy(stored(tmp_path / "one.db")))
    engine.handle(ValueError("one"))
    engine.adopt(a_policy(stored(tmp_path / "two.db")))
    engine.handle(ValueError("two"))
    engine.handle(ValueError("two again"))
    assert engine.statistics(since="1h")["errors"] == 2
    engine.adopt(a_policy(POLICY))
    engine.handle(ValueError("after"))
    assert engine.store is None
    assert (counted(tmp_path / "one.db"), counted(tmp_path / "two.db")) == (1, 2)
    assert engine.statistics(since="1h")["errors"] == 2, "those that no store had"


def test_a_durability_that_changed_counts_from_the_next_error_in_the_same_file(tmp_path):
    path = tmp_path / "errors.db"
    engine = Engine(a_policy(stored(path)), clock=VirtualClock(NOON))
    engine.handle(ValueError("async"))
    store = engine.store
    engine.adopt(a_policy(stored(path) + 'durability = { CRITICAL = "sync" }\n'))
    assert engine.store is store
    engine.handle(ValueError("sync"))
    assert counted(path) == 2
    engine.adopt(a_policy(stored(path, commit_within="10s")))
    engine.clock.advance(1.0)
    engine.handle(ValueError("async again"))
    engine.clock.advance(9.0)
    assert counted(path) == 2
    engine.clock.advance(2.0)
    assert counted(path) == 3


def test_no_error_is_lost_while_the_store_moves_under_it(tmp_path):
    paths = [tmp_path / f"{number}.db" for number in range(5)]
    policies = [a_policy(stored(path)) for path in paths]
    engine = Engine(policies[0])
    handled = [0] * 2
    done = threading.Event()

    def fail(number):
        while not done.is_set():
            engine.handle(ValueError("it failed"))
            handled[number] += 1

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for policy in policies[1:]:
        before = sum(handled)
        engine.adopt(policy)
        while sum(handled) < before + 20:
            pass
    done.set()
    for thread in threads:
        thread.join()
    last = engine.store
    engine.adopt(a_policy(POLICY))
    assert last is not None
    assert engine.statistics()["engine_faults"] == 0
    assert engine.statistics()["total_errors"] == sum(handled)
    engine.clock.drain(30.0)
    assert sum(map(counted, paths)) == sum(handled)


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "raise SystemExit", "1 / 0"])
def test_an_error_that_the_last_line_of_a_program_handles_is_in_the_file(tmp_path, ending):
    path = tmp_path / "errors.db"
    policy = tmp_path / "policy.toml"
    policy.write_text(stored(path, commit_within="1h"), encoding="utf-8")
    script = f"""
import sys
from policy_engine import Engine
engine = Engine.from_path({str(policy)!r})
engine.handle(ValueError("the last word"))
{ending}
"""
    subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=60)
    assert counted(path) == 1


FULL = """
import resource, signal, sys
from policy_engine import Engine
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
engine = Engine.from_path(sys.argv[1])
store = engine.store
engine.handle(ValueError("the first"))
assert store.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for number in range(3000):
    engine.handle(ValueError("x" * 300), module=f"m{number}")
print(store.flush(), store.statistics()["failure"], store.statistics()["waiting"])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.flush(), store.statistics()["failure"], store.statistics()["waiting"])
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system has no such limit")
def test_a_file_that_may_not_grow_is_told_survived_and_caught_up_with(tmp_path):
    """What a system answers when no more can be written, for real: a limit on the size of files."""
    path = tmp_path / "errors.db"
    policy = tmp_path / "policy.toml"
    policy.write_text(stored(path, commit_within="1h"), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(policy)], check=True, capture_output=True, text=True, timeout=60
    ).stdout.splitlines()
    assert told[0].startswith("False ")
    assert told[0].endswith(" 3000")
    assert told[1] == "True None 0"
    assert counted(path) == 3001
