"""A breaker for each value of a key, as an engine shows them and as its operator orders them."""

import pytest

from policy_engine import Engine, VirtualClock
from policy_engine.errors import CircuitOpenError

KEYED = """
schema_version = 1
[bounds]
breakers = 2
[breakers.api]
failure_threshold = 1
key = "host"
[calls.api]
breaker = "api"
"""


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(KEYED, encoding="utf-8")
    return file


@pytest.fixture
def engine(policy):
    return Engine.from_path(policy, clock=VirtualClock())


def hang_up():
    raise ConnectionResetError(104, "Connection reset by peer")


def fail(engine, **context):
    with pytest.raises(ConnectionResetError):
        engine.protect("api").given(**context).call(hang_up)


def test_who_asks_for_the_breaker_gets_the_one_that_calls_without_a_value_meet(engine):
    fail(engine)
    assert engine.breaker("api").state == "OPEN"
    assert list(engine.statistics()["breakers"]) == ["api"]


def test_the_breaker_of_a_value_can_be_asked_for_and_ordered(engine):
    fail(engine, host="a.example")
    assert engine.breaker("api", value="a.example").state == "OPEN"
    assert engine.breaker("api").state == "CLOSED"
    engine.breaker("api", value="b.example").force_open(600.0, "moves to another room")
    with pytest.raises(CircuitOpenError):
        engine.protect("api").given(host="b.example").call(str)
    engine.breaker("api", value="a.example").reset()
    engine.protect("api").given(host="a.example").call(str)


def test_all_breakers_of_a_name_can_be_ordered_at_once(engine):
    for host in (None, "a", "b"):
        fail(engine, host=host)
    assert [breaker.name for breaker in engine.breakers("api")] == ["api", "api[a]", "api[b]"]
    for breaker in engine.breakers("api"):
        breaker.reset()
    assert [breaker["state"] for breaker in engine.statistics()["breakers"].values()] == ["CLOSED"] * 3


def test_to_ask_for_the_breakers_of_values_makes_none_for_calls_without_one(engine):
    fail(engine, host="a")
    engine.breaker("api", value="a").reset()
    assert [breaker.name for breaker in engine.breakers("api")] == ["api[a]"]
    assert list(engine.statistics()["breakers"]) == ["api[a]"]


def test_a_function_that_finds_the_key_and_raises_costs_no_call_and_is_told(engine):
    ask = engine.protect("api").keyed_by(lambda url: url.partition("//")[2])(lambda url: "fine")
    assert (ask("https://a.example"), ask(None)) == ("fine", "fine")
    assert engine.statistics()["engine_faults"] == 1
    assert engine.breaker("api").statistics().successes == 1


def test_a_breaker_without_a_key_is_the_same_for_every_value(engine):
    assert engine.breaker("other", value="a") is engine.breaker("other")
    assert engine.breakers("other") == (engine.breaker("other"),)


def test_breakers_that_were_forgotten_are_counted_in_the_statistics(engine):
    for host in "abcde":
        fail(engine, host=host)
    assert engine.statistics()["breakers_forgotten"] == 3


def test_a_reload_that_takes_the_key_away_leaves_no_breaker_behind_that_nobody_calls(engine, policy):
    fail(engine, host="a")
    policy.write_text(KEYED.replace('key = "host"', ""), encoding="utf-8")
    engine.reload()
    engine.protect("api").given(host="a").call(str)
    assert list(engine.statistics()["breakers"]) == ["api"]
    assert engine.breaker("api", value="a") is engine.breaker("api")


def test_a_reload_that_takes_another_key_begins_with_new_breakers_and_keeps_the_shared_one(engine, policy):
    shared = engine.breaker("api")
    fail(engine, host="a")
    policy.write_text(KEYED.replace('"host"', '"tenant"'), encoding="utf-8")
    engine.reload()
    engine.protect("api").given(tenant="a").call(str)
    assert engine.breaker("api", value="a").state == "CLOSED"
    assert engine.breaker("api") is shared


def test_a_recovery_that_resets_a_breaker_resets_it_for_every_value(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        KEYED
        + """
[[rules]]
name = "moved"
match.message = { contains = ["moved"] }
category = "NETWORK"
[categories.NETWORK]
[[recovery.strategies]]
name = "trust-again"
match = { category = "NETWORK" }
steps = [{ action = "reset_breaker", breaker = "api" }]
""",
        encoding="utf-8",
    )
    engine = Engine.from_path(policy, clock=VirtualClock())
    fail(engine, host="a")
    engine.handle(OSError("the service has moved"))
    engine.clock.advance(1.0)
    assert engine.breaker("api", value="a").state == "CLOSED"
