"""For the tests of a plugin: hold it against the hooks, and run its actions in virtual time, without an engine.

::

    def test_the_worker_is_restarted():
        result = run_action(my_plugin, "acme.restart_worker", {"worker": "mailer"})
        assert result.succeeded
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from policy_engine.clock import VirtualClock
from policy_engine.errors import DiagnosticLike
from policy_engine.model import ErrorInfo, Occurrence, RecoveryStep, Severity
from policy_engine.plugins.contributions import KINDS
from policy_engine.plugins.examination import actions_of, contributions_of, examine
from policy_engine.plugins.problems import PluginProblemError
from policy_engine.recover import Action, RecoveryManager, RecoveryOptions, Step, Strategy


@dataclass(frozen=True, slots=True)
class ActionRun:
    """How an action went, and what it did to the engine."""

    succeeded: bool
    detail: str
    seconds: float
    """How long it took, in virtual time: what it asked to wait."""
    engine_calls: tuple[tuple[str, ...], ...]
    """For example ``("set_level", "minimal")``."""


def check_plugin(plugin: object) -> dict[str, Action]:
    """Return the plugin's actions by name, once everything that it brings was looked at.

    Raises:
        AssertionError: an engine would refuse the plugin; the message says why.
    """
    name = getattr(plugin, "__name__", type(plugin).__name__)
    problems = examine(name, plugin)
    if not problems:
        try:
            for kind in KINDS:
                contributions_of(name, plugin, kind)
            return {action.name: action for action in actions_of(name, plugin)}
        except PluginProblemError as stopped:
            problems = [stopped.problem]
    raise AssertionError("\n".join(problem.message for problem in problems))


def an_error(message: str = "an error", *, type: str = "RuntimeError", **context: object) -> Occurrence:  # noqa: A002
    """Return an error for an action to be started by."""
    mro = (type, "Exception", "BaseException", "object")
    return Occurrence(type, mro, message, time=0.0, id="test", context=context, severity=Severity.HIGH)


def an_info(message: str = "an error", *, type: str = "RuntimeError", **context: object) -> ErrorInfo:  # noqa: A002
    """Return an error as enrichers, matchers and alert channels are shown one."""
    return _sealed(an_error(message, type=type, **context))


def run_action(
    plugin: object,
    action: str,
    parameters: Mapping[str, object] | None = None,
    *,
    error: Occurrence | None = None,
    functions: Mapping[str, Callable[..., object]] | None = None,
    timeout: float = 30.0,
) -> ActionRun:
    """Run one action as a recovery would: with parameters that hold to its schema, for ``timeout`` seconds at most.

    ``functions`` are what the program registered, by name.

    Raises:
        AssertionError: an engine would refuse the plugin or these parameters.
    """
    import jsonschema  # a test can afford it

    chosen = check_plugin(plugin)[action]
    parameters = dict(parameters or {})
    refused = [each.message for each in jsonschema.Draft202012Validator(chosen.schema).iter_errors(parameters)]
    assert not refused, f'parameters of "{action}": {"; ".join(refused)}'  # noqa: S101  that is what a test asks
    ports = _NotingPorts(functions or {})
    step = _run(Strategy("test", (Step(chosen, parameters, timeout=timeout),)), error or an_error(), ports)
    return ActionRun(step.succeeded, step.detail, step.seconds, tuple(ports.calls))


def _run(strategy: Strategy, error: Occurrence, ports: _NotingPorts) -> RecoveryStep:
    clock = VirtualClock()
    manager = RecoveryManager(
        RecoveryOptions((strategy,)),
        clock=clock,
        random=Random(1),  # noqa: S311  a test's jitter
        ports=ports,
        publish=lambda event: None,  # noqa: ARG005  nobody listens
        fault=_raise,
        describe=lambda raised: f"{type(raised).__name__}: {raised}",
    )
    plan = manager.plan(error)
    assert plan is not None  # noqa: S101  the strategy matches everything
    manager.start(plan, _sealed(error))
    clock.advance(strategy.steps[0].timeout or 0.0)
    (recovery,) = manager.history
    return recovery.steps[0]


def _sealed(error: Occurrence) -> ErrorInfo:
    module, _, name = error.type.rpartition(".")
    return ErrorInfo(
        id=error.id,
        time=error.time,
        exception_type=name,
        exception_module=module,
        mro=error.mro,
        message=error.message,
        attributes=error.attributes,
        causes=error.causes,
        stack=error.stack,
        module=error.module,
        function=error.function,
        context=error.context,
        fingerprint=error.fingerprint,
        category=error.category,
        severity=error.severity,
        retryable=error.retryable,
        tags=error.tags,
        rule=error.rule,
        level="full",
        recovery_status=None,
        recovery_id=None,
        handling_seconds=0.0,
    )


def _raise(where: str, error: BaseException) -> None:  # noqa: ARG001  the form of a fault handler
    raise error


class _NotingPorts:
    """Ports to no engine, which note what is asked of it."""

    def __init__(self, functions: Mapping[str, Callable[..., object]]) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._functions = functions

    def breaker_reset(self, name: str) -> None:
        self.calls.append(("breaker_reset", name))

    def breaker_force_open(self, name: str) -> None:
        self.calls.append(("breaker_force_open", name))

    def set_level(self, level: str, reason: str) -> None:  # noqa: ARG002  the form of the port
        self.calls.append(("set_level", level))

    def alert(self, channel: str, text: str, info: ErrorInfo) -> None:  # noqa: ARG002  the form of the port
        self.calls.append(("alert", channel, text))

    def registered(self, name: str) -> Callable[..., object]:
        return self._functions[name]

    def reload_policy(self) -> tuple[DiagnosticLike, ...]:
        self.calls.append(("reload_policy",))
        return ()
