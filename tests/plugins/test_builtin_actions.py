import asyncio
from pathlib import Path
from random import Random

import pytest
from recover.recovery_makers import an_error, an_info

from policy_engine import Engine, load_policy
from policy_engine.clock import VirtualClock
from policy_engine.plugins import ActionContext, Again, Delay, builtin, load_plugins, testing
from policy_engine.plugins.testing import run_action

ACTIONS = load_plugins([], Path()).actions


class NotedPorts:
    """Ports that note what an action does to the engine."""

    def __init__(self):
        self.calls = []

    def breaker_reset(self, name):
        self.calls.append(("reset", name))

    def breaker_force_open(self, name):
        self.calls.append(("open", name))

    def set_level(self, level, reason):
        self.calls.append(("level", level, reason))

    def alert(self, channel, text, info):
        self.calls.append(("alert", channel, text, info.id))

    def registered(self, name):
        return lambda info: self.calls.append((name, info.id))


def run(name, parameters, *, attempt=1, registered=None):
    ports = NotedPorts()
    if registered is not None:
        ports.registered = lambda name: registered
    info = an_info(an_error(id="e1", category="DATABASE"))
    context = ActionContext(info, parameters, ports, VirtualClock(), Random(1), attempt, 30.0)
    return ACTIONS[name].run(context), ports.calls


@pytest.mark.parametrize(
    ("name", "parameters", "done"),
    [
        ("reset_breaker", {"breaker": "api"}, ("reset", "api")),
        ("force_open_breaker", {"breaker": "api"}, ("open", "api")),
        ("set_level", {"level": "minimal"}, ("level", "minimal", "recovery from DATABASE error e1")),
        ("alert", {"channel": "ops", "text": "look"}, ("alert", "ops", "look", "e1")),
        ("call", {"function": "reconnect"}, ("reconnect", "e1")),
    ],
)
def test_a_built_in_action_does_to_the_engine_what_it_says(name, parameters, done):
    outcome, calls = run(name, parameters)

    assert calls == [done]
    assert outcome is None or outcome is True


def test_wait_asks_for_a_fixed_delay():
    assert run("wait", {"for": "1.5s"})[0] == Delay(1.5)


def test_wait_with_backoff_grows_with_the_attempts_up_to_its_maximum():
    backoff = {"kind": "exponential", "initial": "1s", "max": "5s"}

    delays = [run("wait", {"backoff": backoff}, attempt=attempt)[0].seconds for attempt in (1, 2, 3, 4)]

    assert delays == [1.0, 2.0, 4.0, 5.0]


def raising(info):
    raise ConnectionError("postgres://user:hunter2@db")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (lambda info: True, True),
        (lambda info: None, True),
        (lambda info: False, Again(5.0, "the check said no")),
        (raising, Again(5.0, "ConnectionError")),
    ],
)
def test_check_asks_until_a_registered_function_says_yes(answer, outcome):
    async def later(info):
        return answer(info)

    parameters = {"function": "database_is_up", "every": "5s"}

    assert run("check", parameters, registered=answer)[0] == outcome
    assert asyncio.run(run("check", parameters, registered=later)[0]) == outcome


def test_restart_child_restarts_the_child_that_the_error_s_context_names():
    restarted = []

    class Children:
        def restart(self, name):
            restarted.append(name)
            return True

    functions = {"workers": Children}
    parameters = {"children": "workers"}

    assert run_action(builtin, "restart_child", parameters, functions=functions, error=child_error("mailer")).succeeded
    given = {**parameters, "child": "reader"}
    assert run_action(builtin, "restart_child", given, functions=functions, error=child_error("mailer")).succeeded
    assert not run_action(builtin, "restart_child", parameters, functions=functions).succeeded
    assert restarted == ["mailer", "reader"]


@pytest.mark.parametrize(
    ("context", "parameters", "called"),
    [
        ({"operation": "refresh_orders"}, {}, ["refresh_orders"]),
        ({"task": "refresh_orders"}, {"key": "task"}, ["refresh_orders"]),
        ({"operation": "drop_all"}, {}, []),
        ({}, {}, []),
    ],
)
def test_retry_calls_the_function_that_the_context_names_if_the_step_lists_it(context, parameters, called):
    done = []
    functions = {name: lambda info, name=name: done.append(name) for name in ("refresh_orders", "drop_all")}
    given = {"functions": ["refresh_orders"], **parameters}

    result = run_action(builtin, "retry", given, functions=functions, error=testing.an_error("it failed", **context))

    assert (done, result.succeeded) == (called, bool(called))


def test_reload_policy_brings_the_changed_policy_and_fails_where_it_is_refused(tmp_path):
    strategy = "[[recovery.strategies]]\nname = 'reload'\nmatch.category = 'UNKNOWN'\n"
    steps = "steps = [{ action = 'reload_policy' }]\n"
    path = tmp_path / "policy.toml"
    path.write_text(strategy + steps)
    clock = VirtualClock()
    engine = Engine(load_policy(path), clock=clock)

    path.write_text(f"{strategy}{steps}[bounds]\nhistory = 7\n")
    engine.handle(ValueError("stale"))
    clock.advance(1)
    assert engine.policy.bounds.history == 7

    path.write_text(f"{strategy}{steps}[bounds]\nhistroy = 7\n")
    info = engine.handle(ValueError("stale again"))
    clock.advance(1)
    (step,) = engine.recovery(info.recovery_id).steps
    assert not step.succeeded
    assert 'unknown key "histroy"' in step.detail
    assert engine.policy.bounds.history == 7


def child_error(name):
    return testing.an_error("it stopped", child=name)
