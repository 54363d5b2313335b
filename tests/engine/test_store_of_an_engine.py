"""An engine with a store: what goes into it, what consequences are charged to, reloads, forks, a program's end."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from forked import NEEDS_FORK, in_child
from store.store_makers import ALWAYS, NOON

from policy_engine import CallRefusedError, CircuitOpenError, Engine, VirtualClock, load_policy
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
[breakers.api]
failure_threshold = 2
recovery_timeout = "60s"
[calls.api]
breaker = "api"
retry = { attempts = 3, backoff = { kind = "constant", initial = "100ms" } }
[calls.outer]
fallback = { value = "instead" }
[[degradation.triggers]]
name = "many"
level = "degraded"
when = { metric = "errors", category = "DATABASE", window = "1m", at_least = 3 }
release = { below = 1, for = "30s" }
[[recovery.strategies]]
name = "reopen"
match = { category = "DATABASE" }
steps = [{ action = "wait", for = "5s" }, { action = "call", function = "reopen" }]
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
    engine.register("reopen", lambda *_: None)
    yield engine
    if engine.store is not None:
        engine.store.close()


def locked(engine: Engine) -> None:
    engine.handle(sqlite3.OperationalError("database is locked"))


def hung_up(clock, seconds=0.5):
    clock.advance(seconds)
    raise ConnectionResetError("peer hung up")


def asked(engine, **words):
    return engine.statistics(since="1h", **words)


def impact_of(engine, category):
    groups = asked(engine)["groups"]
    return next(group["impact"] for group in groups if group["category"] == category)


def test_what_a_call_cost_is_told_of_its_error_and_summed(engine):
    with pytest.raises(ConnectionResetError) as failed:
        engine.protect("api").call(hung_up, engine.clock)
    info = engine.handle(failed.value)
    assert (info.call, info.retries) == ("api", 2)
    assert info.call_seconds == pytest.approx(3 * 0.5 + 2 * 0.1)
    assert json.loads(info.to_json())["retries"] == 2
    cost = impact_of(engine, "NETWORK")
    assert (cost["retries"], cost["call_seconds"]) == (2, pytest.approx(1.7))


def test_a_coroutine_and_a_block_tell_it_too(engine):
    async def later():
        hung_up(engine.clock)

    with pytest.raises(ConnectionResetError) as failed:
        asyncio.run(engine.protect("api").call(later))
    assert engine.handle(failed.value).retries == 2
    with pytest.raises(ConnectionResetError) as failed, engine.call("api"):
        hung_up(engine.clock)
    assert (engine.handle(failed.value).call_seconds, engine.handle(failed.value).retries) == (0.5, 0)


def test_refused_calls_are_charged_to_the_error_that_last_left_the_same_call(engine):
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            engine.protect("api").call(hung_up, engine.clock)
    for _ in range(3):
        with pytest.raises(CircuitOpenError):
            engine.protect("api").call(hung_up, engine.clock)
    with pytest.raises(CallRefusedError), engine.call("api"):
        pass
    assert impact_of(engine, "NETWORK")["refused_calls"] == 4
    assert asked(engine)["calls"]["api"] | {"seconds": None} == {
        "calls": 2,
        "failed": 2,
        "slow": 0,
        "refused": 4,
        "error_ratio": 1.0,
        "seconds": None,
    }


def test_the_time_below_the_best_level_is_charged_to_the_errors_that_it_fell_for(engine):
    with pytest.raises(ConnectionResetError):
        engine.protect("api").call(hung_up, engine.clock)
    for _ in range(3):
        locked(engine)
        engine.clock.advance(1.0)
    assert engine.level() == "degraded"
    engine.clock.advance(20.0)
    assert impact_of(engine, "DATABASE")["degraded_seconds"] == pytest.approx(21.0, abs=1.0), "while it lasts"
    engine.clock.advance(600.0)
    assert engine.level() == "full"
    lasted = engine.degradation.history[-1].time - engine.degradation.history[-2].time
    assert impact_of(engine, "DATABASE")["degraded_seconds"] == pytest.approx(lasted)
    assert impact_of(engine, "NETWORK")["degraded_seconds"] == 0.0


def test_a_recovery_is_charged_to_the_error_that_started_it(engine):
    locked(engine)
    engine.clock.advance(60.0)
    assert impact_of(engine, "DATABASE")["recovery_seconds"] == pytest.approx(5.0)
    assert asked(engine)["recovery_seconds"]["reopen"]["p50"] == pytest.approx(5.0)


def test_an_error_that_a_fallback_answers_costs_a_call_and_is_no_error(engine):
    assert engine.protect("outer").call(hung_up, engine.clock) == "instead"
    found = asked(engine)
    assert (found["errors"], found["calls"]["outer"]["failed"]) == (0, 1)


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


@NEEDS_FORK[0]
@NEEDS_FORK[1]
def test_a_forked_child_writes_its_own_errors_and_none_of_its_parents(tmp_path):
    policy, path = tmp_path / "policy.toml", tmp_path / "errors.db"
    policy.write_text(stored("sqlite", path), encoding="utf-8")
    engine = Engine.from_path(policy)
    engine.handle(ConnectionResetError("of the parent"))
    assert engine.store is not None
    engine.store.flush()
    engine.handle(ConnectionResetError("waits in the parent"))

    def child():
        engine.handle(ConnectionResetError("of the child"))
        return engine.store.flush() and engine.store.statistics()["taken"] == 1

    assert in_child(child)
    engine.store.close()
    assert written(path) == 3


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
