"""The actions that every policy has: a plugin like any other, which no policy has to name.

Each reaches the engine through `Ports` alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Any, cast

from policy_engine.errors import PolicyError, UnknownNameError
from policy_engine.plugins.hookspecs import hookimpl
from policy_engine.plugins.webhook import webhook_action
from policy_engine.policy.durations import PATTERN, seconds
from policy_engine.recover import Action, ActionContext, Again, Children, Delay, Outcome, compile_backoff

_NAME = {"type": "string", "minLength": 1}
_DURATION = {"type": "string", "pattern": PATTERN}


@hookimpl
def policy_engine_actions() -> Sequence[Action]:
    """Return the built-in actions."""
    return [
        Action("wait", wait, _WAIT, "Go on after a while; with `backoff`, longer with every attempt.", harmless=True),
        Action("call", call, _schema(function=_of("function")), "Call a function that the program registered."),
        Action("retry", retry, _RETRY, "Call the registered function that the error's context names as what failed."),
        Action(
            "check",
            check,
            {**_schema(function=_of("function")), "properties": {"function": _of("function"), "every": _DURATION}},
            "Ask a registered function, again and again, until it says that all is well.",
        ),
        Action(
            "restart_child",
            restart_child,
            {**_schema(children=_of("function")), "properties": {"children": _of("function"), "child": _NAME}},
            "Restart a thread, task or process of the program, and those that go with it.",
        ),
        Action(
            "reset_breaker",
            reset_breaker,
            _schema(breaker=_of("breaker")),
            "Close a circuit breaker and forget its counts.",
            harmless=True,
        ),
        Action(
            "force_open_breaker",
            force_open_breaker,
            _schema(breaker=_of("breaker")),
            "Open a circuit breaker for its recovery timeout.",
            harmless=True,
        ),
        Action("set_level", set_level, _schema(level=_of("level")), "Pin the service's level.", harmless=True),
        Action("reload_policy", reload_policy, _schema(), "Load the policy's files again."),
        webhook_action(),
        Action("alert", alert, _schema(channel=_of("channel"), text=_NAME), "Send a text to an alert channel."),
    ]


def wait(context: ActionContext) -> Outcome:
    """Answer the delay; no worker sleeps."""
    duration = context.parameters.get("for")
    if isinstance(duration, str):
        return Delay(seconds(duration))
    backoff = compile_backoff(cast("dict[str, Any]", context.parameters["backoff"]))
    return Delay(backoff.delay(context.attempt, context.random))


def call(context: ActionContext) -> Outcome:
    """Call the registered function with the error."""
    return cast("Outcome", context.ports.registered(_text(context, "function"))(context.info))


def retry(context: ActionContext) -> Outcome:
    """Call the function that the error's context names, with the error: one of those that the step lists."""
    key = str(context.parameters.get("key", "operation"))
    name = context.info.context.get(key)
    if name not in cast("list[str]", context.parameters["functions"]):
        raise UnknownNameError(f'the "{key}" of the error\'s context is none of the functions that the step lists')
    return cast("Outcome", context.ports.registered(str(name))(context.info))


def check(context: ActionContext) -> Outcome | Awaitable[Outcome]:
    """Ask the registered function; false or an exception means: not yet."""
    every = context.parameters.get("every")
    pause = seconds(every) if isinstance(every, str) else 1.0
    try:
        healthy = context.ports.registered(_text(context, "function"))(context.info)
    except UnknownNameError:
        raise
    except Exception as error:  # noqa: BLE001  that is how many health checks say no; the step tells which it was
        return Again(pause, type(error).__qualname__)
    return _checked(healthy, pause) if isawaitable(healthy) else _answer(healthy, pause)


async def _checked(healthy: Awaitable[object], pause: float) -> Outcome:
    try:
        return _answer(await healthy, pause)
    except Exception as error:  # noqa: BLE001  as above
        return Again(pause, type(error).__qualname__)


def _answer(healthy: object, pause: float) -> Outcome:
    return healthy is None or bool(healthy) or Again(pause, "the check said no")


def restart_child(context: ActionContext) -> Outcome:
    """Restart ``child``, or the one that the error's context names, of the `Children` that the function returns."""
    children = cast("Children", context.ports.registered(_text(context, "children"))())
    name = context.parameters.get("child", context.info.context.get("child"))
    if name is None:
        raise UnknownNameError('the error\'s context has no "child", and the step names none')
    return children.restart(str(name))


def reset_breaker(context: ActionContext) -> Outcome:
    """Close the breaker."""
    context.ports.breaker_reset(_text(context, "breaker"))
    return True


def force_open_breaker(context: ActionContext) -> Outcome:
    """Open the breaker."""
    context.ports.breaker_force_open(_text(context, "breaker"))
    return True


def set_level(context: ActionContext) -> Outcome:
    """Pin the level; the reason names the error's category and id."""
    info = context.info
    context.ports.set_level(_text(context, "level"), f"recovery from {info.category} error {info.id}")
    return True


def reload_policy(context: ActionContext) -> Outcome:
    """Load the policy's files again.

    Raises:
        PolicyError: it was refused; the active one stays.
    """
    refused = context.ports.reload_policy()
    if refused:
        raise PolicyError(refused)
    return True


def alert(context: ActionContext) -> Outcome:
    """Send the text."""
    context.ports.alert(_text(context, "channel"), _text(context, "text"), context.info)
    return True


def _text(context: ActionContext, key: str) -> str:
    return str(context.parameters[key])


def _of(kind: str) -> dict[str, object]:
    return {**_NAME, "description": f"The name of a {kind}.", "x-names-a": kind}


def _schema(**properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_RETRY = {
    "type": "object",
    "properties": {
        "functions": {
            "type": "array",
            "description": "The registered functions of which the context may name one.",
            "items": _NAME,
            "minItems": 1,
        },
        "key": {**_NAME, "description": "The context key that names it; without it, operation."},
    },
    "required": ["functions"],
    "additionalProperties": False,
}
_WAIT = {
    "type": "object",
    "properties": {
        "for": _DURATION,
        "backoff": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["constant", "linear", "exponential", "fibonacci"]},
                "initial": _DURATION,
                "max": _DURATION,
                "factor": {"type": "number", "minimum": 1},
                "jitter": {"enum": ["none", "full", "equal", "decorrelated"]},
            },
            "additionalProperties": False,
        },
    },
    "oneOf": [{"required": ["for"]}, {"required": ["backoff"]}],
    "additionalProperties": False,
}
