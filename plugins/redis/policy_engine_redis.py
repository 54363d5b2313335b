"""Recovery for Redis clients: drop dead connections, ask until the server answers.

The program registers a function that returns its client, under the name that the policy's steps use::

    handler.engine.register("cache", lambda: client)

Works with ``redis.Redis`` and ``redis.asyncio.Redis``; the redis package itself is never imported here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Protocol, cast

from policy_engine.plugins import DURATION, Action, ActionContext, Again, Outcome, hookimpl, seconds

_CLIENT = {
    "type": "string",
    "minLength": 1,
    "description": "The name under which the program registered a function that returns the client.",
}


@hookimpl
def policy_engine_actions() -> Sequence[Action]:
    """Bring ``redis.disconnect`` and ``redis.ping``."""
    return [
        Action("redis.disconnect", disconnect, _schema(), "Close a client's idle connections, for new ones."),
        Action(
            "redis.ping",
            ping,
            _schema(every={"type": "string", "pattern": DURATION, "description": "The pause between questions."}),
            "Ask a server again and again, until it answers and is not loading its data.",
        ),
    ]


def disconnect(context: ActionContext) -> Outcome | Awaitable[Outcome]:
    """Close the pool's idle connections; those in use are left to whoever uses them."""
    done = _client(context).connection_pool.disconnect(inuse_connections=False)
    return cast("Awaitable[Outcome]", done) if isawaitable(done) else True


def ping(context: ActionContext) -> Outcome | Awaitable[Outcome]:
    """Send PING; a server that refuses or does not answer is asked again."""
    every = context.parameters.get("every")
    pause = seconds(every) if isinstance(every, str) else 1.0
    client = _client(context)
    try:
        answer = client.ping()
        return _ping_async(answer, pause) if isawaitable(answer) else bool(answer)
    except Exception as error:  # noqa: BLE001  connection, timeout, loading; the step tells which it was
        return Again(pause, type(error).__qualname__)


async def _ping_async(answer: Awaitable[object], pause: float) -> Outcome:
    try:
        return bool(await answer)
    except Exception as error:  # noqa: BLE001  as above
        return Again(pause, type(error).__qualname__)


class _Pool(Protocol):
    def disconnect(self, inuse_connections: bool) -> object: ...  # noqa: FBT001  the form of redis-py


class _Client(Protocol):
    connection_pool: _Pool

    def ping(self) -> object: ...


def _client(context: ActionContext) -> _Client:
    return cast("_Client", context.ports.registered(str(context.parameters["client"]))())


def _schema(**more: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"client": _CLIENT, **more},
        "required": ["client"],
        "additionalProperties": False,
    }
