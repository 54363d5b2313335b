"""Recovery for SQLAlchemy engines: drop dead connections, ask until the database answers.

The program registers a function that returns its engine, under the name that the policy's steps use::

    handler.engine.register("orders", lambda: orders_engine)

Works with plain engines and asynchronous ones; SQLAlchemy itself is never imported here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from inspect import isawaitable
from typing import Protocol, cast

from policy_engine.plugins import DURATION, Action, ActionContext, Again, Outcome, hookimpl, seconds

_ENGINE = {
    "type": "string",
    "minLength": 1,
    "description": "The name under which the program registered a function that returns the engine.",
}


@hookimpl
def policy_engine_actions() -> Sequence[Action]:
    """Bring ``sqlalchemy.dispose_pool`` and ``sqlalchemy.ping``."""
    return [
        Action("sqlalchemy.dispose_pool", dispose_pool, _schema(), "Close a pool's idle connections, for new ones."),
        Action(
            "sqlalchemy.ping",
            ping,
            _schema(every={"type": "string", "pattern": DURATION, "description": "The pause between questions."}),
            "Ask a database over a new connection, again and again, until it answers.",
        ),
    ]


def dispose_pool(context: ActionContext) -> Outcome | Awaitable[Outcome]:
    """Close the pool's idle connections; those in use are closed when they come back."""
    done = _engine(context).dispose()
    return cast("Awaitable[Outcome]", done) if isawaitable(done) else True


def ping(context: ActionContext) -> Outcome | Awaitable[Outcome]:
    """Connect and run a query; a database that refuses is asked again."""
    every = context.parameters.get("every")
    pause = seconds(every) if isinstance(every, str) else 1.0
    engine = _engine(context)
    try:
        connecting = engine.connect()
        if isinstance(connecting, AbstractAsyncContextManager):
            return _ping_async(connecting, pause)
        with connecting as connection:
            connection.exec_driver_sql("SELECT 1")
    except Exception as error:  # noqa: BLE001  every driver has its own; the step tells which it was
        return Again(pause, type(error).__qualname__)
    return True


async def _ping_async(connecting: AbstractAsyncContextManager[_AsyncConnection], pause: float) -> Outcome:
    try:
        async with connecting as connection:
            await connection.exec_driver_sql("SELECT 1")
    except Exception as error:  # noqa: BLE001  as above
        return Again(pause, type(error).__qualname__)
    return True


class _Connection(Protocol):
    def exec_driver_sql(self, statement: str) -> object: ...


class _AsyncConnection(Protocol):
    async def exec_driver_sql(self, statement: str) -> object: ...


class _Engine(Protocol):
    def dispose(self) -> object: ...

    def connect(self) -> AbstractContextManager[_Connection] | AbstractAsyncContextManager[_AsyncConnection]: ...


def _engine(context: ActionContext) -> _Engine:
    return cast("_Engine", context.ports.registered(str(context.parameters["engine"]))())


def _schema(**more: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"engine": _ENGINE, **more},
        "required": ["engine"],
        "additionalProperties": False,
    }
