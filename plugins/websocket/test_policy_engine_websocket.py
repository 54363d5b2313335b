"""Against a real server that accepts every client and closes it at once."""

import asyncio
import time
from pathlib import Path
from random import Random

import policy_engine_websocket
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from policy_engine import Engine
from policy_engine.clock import VirtualClock
from policy_engine.plugins import ActionContext, Delay
from policy_engine.plugins.testing import check_plugin

BACKOFF = {"kind": "exponential", "initial": "1s", "max": "8s"}

POLICY = """
schema_version = 1
plugins = ["PLUGIN"]

[categories.NETWORK]
severity = "HIGH"

[[rules]]
name = "closed"
match.exception = "websockets.exceptions.ConnectionClosed"
category = "NETWORK"

[[recovery.strategies]]
name = "resubscribe"
match = { category = "NETWORK" }
steps = [
  { action = "websocket.pause", subscription = "prices", backoff = { kind = "constant", initial = "50ms" } },
  { action = "websocket.resubscribe", subscription = "prices", timeout = "5s" },
]
intensity = { at_most = 7, within = "1m" }
"""


class Ports:
    def __init__(self, function):
        self.registered = {"prices": function}.__getitem__


def a_context(clock, function):
    parameters = {"subscription": "prices", "backoff": BACKOFF}
    return ActionContext(None, parameters, Ports(function), clock, Random(1), 1, 30.0)


def pauses_between(lives):
    """The pauses before each connection, when the connections lived so many seconds."""
    actions = check_plugin(policy_engine_websocket)
    clock = VirtualClock()
    context = a_context(clock, lambda info: True)
    pauses = []
    for life in lives:
        pauses.append(actions["websocket.pause"].run(context).seconds)
        actions["websocket.resubscribe"].run(context)
        clock.advance(life)
    return pauses


def test_pauses_grow_while_connections_are_short():
    assert pauses_between([0.0] * 6) == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_only_a_connection_that_lived_long_enough_sets_the_pause_back():
    assert pauses_between([0.0, 59.0, 0.0, 60.0, 0.0]) == [1.0, 2.0, 4.0, 8.0, 1.0]


def test_an_attempt_that_made_no_connection_is_no_stable_one():
    actions = check_plugin(policy_engine_websocket)
    clock = VirtualClock()
    context = a_context(clock, lambda info: False)

    first = actions["websocket.pause"].run(context)
    assert actions["websocket.resubscribe"].run(context) is False
    clock.advance(600)

    assert [first, actions["websocket.pause"].run(context)] == [Delay(1.0), Delay(2.0)]


def test_a_server_that_accepts_and_closes_is_asked_no_more_often_than_the_policy_allows(tmp_path):
    accepted = []

    async def close_at_once(connection):
        accepted.append(time.monotonic())
        await connection.close(1011)

    async def service(engine):
        async with serve(close_at_once, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]

            async def subscribe(info):
                reading.append(asyncio.create_task(read(await connect(f"ws://127.0.0.1:{port}"))))

            async def read(connection):
                try:
                    await connection.recv()
                except Exception as error:
                    engine.handle(error, module="prices")

            reading = []
            engine.register("prices", subscribe)
            await subscribe(None)
            await asyncio.sleep(3)
            await asyncio.gather(*reading)

    plugin = Path(policy_engine_websocket.__file__)
    (tmp_path / "policy.toml").write_text(POLICY.replace("PLUGIN", str(plugin)))
    engine = Engine.from_path(tmp_path / "policy.toml")
    asyncio.run(service(engine))

    assert len(accepted) == 1 + 7
    assert engine.recovery_manager.statistics()["skipped"] == {"intensity": 1}
