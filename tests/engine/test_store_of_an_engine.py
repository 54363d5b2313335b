"""An engine with a store, or without: the same answers; reloads that move it, a program's end, a file it lacks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from store.store_makers import ALWAYS, NOON

from policy_engine import Engine, VirtualClock, load_policy
from policy_engine.store.sqlite import SqliteReader

POLICY = """
[categories.NETWORK]
severity = "MEDIUM"
retryable = true
[categories.DATABASE]
severity = "HIGH"
[[rules]]
name = "peer"
match.exception = "ConnectionResetError"
category = "NETWORK"
[[rules]]
name = "locked"
match.exception = "sqlite3.OperationalError"
category = "DATABASE"
"""


def stored(kind: str, path: Path) -> str:
    """The policy with a store."""
    return f'{POLICY}[store]\nkind = "{kind}"\npath = "{path}"\n'


@pytest.fixture(params=["memory", "sqlite", "off"])
def engine(request, tmp_path):
    """The same engine with each kind of store: all answer alike."""
    path = tmp_path / "policy.toml"
    path.write_text(stored(request.param, tmp_path / "errors.db"), encoding="utf-8")
    engine = Engine(load_policy(path), clock=VirtualClock(NOON), random=Random(1))
    yield engine
    if engine.store is not None:
        engine.store.close()


def locked(engine: Engine) -> None:
    engine.handle(sqlite3.OperationalError("database is locked"))


def asked(engine, **words):
    return engine.statistics(since="1h", **words)


def test_errors_are_grouped_counted_over_time_and_selected(engine):
    for _ in range(3):
        engine.handle(ConnectionResetError("a"), module="shop")
        engine.clock.advance(60.0)
    locked(engine)
    found = asked(engine, by="rule", per="minute")
    assert [(group["rule"], group["errors"], len(group["over_time"])) for group in found["groups"]] == [
        ("peer", 3, 3),
        ("locked", 1, 1),
    ]
    assert asked(engine, category="NETWORK", module="shop")["errors"] == 3
    assert asked(engine, severity="HIGH")["errors"] == 1
    assert len(found["new_fingerprints"]) == 2
    assert found["returning_fingerprints"] == []


def test_a_kind_is_back_after_a_pause_as_long_as_the_period(engine):
    engine.handle(ConnectionResetError("a"))
    engine.clock.advance(3 * 3600.0)
    engine.handle(ConnectionResetError("a"))
    found = asked(engine)
    assert (len(found["new_fingerprints"]), len(found["returning_fingerprints"])) == (0, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"since": "soon"}, 'not a time: "soon"'),
        ({"since": "1h", "by": "weather"}, 'errors are not counted by "weather"'),
        ({"since": "1h", "per": "year"}, 'errors are not counted per "year"'),
        ({"since": "1h", "weather": "bad"}, 'errors are not counted by "weather"'),
        ({"since": "1h", "until": "2h"}, 'nothing lies between "1h" and "2h"'),
    ],
)
def test_what_cannot_be_asked_is_told(engine, words, says):
    with pytest.raises(ValueError, match=says):
        engine.statistics(**words)


def test_a_clock_that_is_set_back_loses_no_error(engine):
    for step in (0.0, -7200.0, 86_400.0, -3600.0):
        engine.clock.set_time(engine.clock.time() + step)
        engine.handle(ConnectionResetError("a"))
    assert engine.statistics(since="2026-01-01", until="2026-12-31")["errors"] == 4


def written(path: Path) -> int:
    reader = SqliteReader.open(str(path))
    try:
        return sum(kind.errors for kind in reader.kinds(list(reader.costs(ALWAYS, "fingerprint", {}))).values())
    finally:
        reader.close()


def test_a_reload_switches_the_store_on_moves_it_and_switches_it_off(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    engine = Engine.from_path(policy, clock=VirtualClock(NOON))
    engine.handle(ConnectionResetError("before"))
    for name in ("first.db", "second.db"):
        policy.write_text(stored("sqlite", tmp_path / name), encoding="utf-8")
        assert engine.reload().current
        for _ in range(2):
            engine.handle(ConnectionResetError("while it runs"))
    assert written(tmp_path / "first.db") == 2, "what waited was written before it moved"
    policy.write_text(POLICY, encoding="utf-8")
    assert engine.reload().current
    assert engine.store is None
    assert written(tmp_path / "second.db") == 2
    assert engine.statistics(since="1h")["errors"] == 1


def test_the_end_of_a_program_writes_its_last_errors(tmp_path):
    policy, path = tmp_path / "policy.toml", tmp_path / "errors.db"
    policy.write_text(stored("sqlite", path), encoding="utf-8")
    program = (
        "import sys\nfrom policy_engine import configure, handle_error\nconfigure(sys.argv[1])\n"
        "for n in range(3):\n    handle_error(ConnectionResetError('the last words'))\nsys.exit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(policy)], check=False, timeout=60)
    assert done.returncode == 3
    assert written(path) == 3


def test_a_store_that_cannot_be_opened_keeps_no_service_from_handling(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(stored("sqlite", tmp_path / "none" / "errors.db"), encoding="utf-8")
    engine = Engine.from_path(policy, clock=VirtualClock(NOON))
    info = engine.handle(ConnectionResetError("a"))
    engine.clock.advance(1.0)
    assert info.category == "NETWORK"
    assert "No such file or directory" in engine.statistics()["store"]["failure"]
    (tmp_path / "none").mkdir()
    engine.clock.advance(60.0)
    assert engine.statistics()["store"]["failure"] is None
    assert engine.statistics(since="1h")["errors"] == 1
