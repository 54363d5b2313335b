"""A local alert server that does as it is told: it serves alerts, drops its clients, rejects them, sends rubbish.

For tests and for the recorder of the demo's input. Real sockets, an ephemeral port, no policy.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a client meets from its handshake on.

    ``reject``: an HTTP status instead of a handshake. ``send``: messages to greet it with; bytes go out as a text
    frame, so that bad UTF-8 can be sent. ``close``: a close code to end with. ``drop``: cut off without a close frame.
    """

    reject: int | None = None
    send: tuple[str | bytes, ...] = field(default=())
    close: int | None = None
    drop: bool = False


def alert_text(number: int, priority: str = "info", title: str = "disk almost full") -> str:
    """One alert as it goes over the wire."""
    return json.dumps({"id": f"a-{number}", "priority": priority, "title": title, "source": "monitor"})


class AlertServer:
    """Serves on 127.0.0.1 while entered; ``behaviour`` holds for the clients that come from now on."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.port = 0
        self.accepted = 0
        self._server: Server | None = None
        self._clients: set[ServerConnection] = set()
        self.connected = asyncio.Event()
        """Set while a client is there that is not being sent away."""

    @property
    def uri(self) -> str:
        """Where clients connect to."""
        return f"ws://127.0.0.1:{self.port}/alerts"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.refuse()

    async def open(self) -> None:
        """Listen, on the port that was used before if there was one."""
        if self._server is not None:
            return
        self._server = await serve(self._meet, "127.0.0.1", self.port, process_request=self._admit)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def refuse(self) -> None:
        """Stop listening and cut every client off: the next one is refused."""
        self.drop_clients()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def drop_clients(self) -> None:
        """Cut every connection without a close frame."""
        for client in tuple(self._clients):
            client.transport.abort()

    async def send(self, messages: Sequence[str]) -> None:
        """Send ``messages`` to every client."""
        for client in tuple(self._clients):
            for message in messages:
                await client.send(message)

    def _admit(self, connection: ServerConnection, _request: Request) -> Response | None:
        if self.behaviour.reject is None:
            return None
        status = HTTPStatus(self.behaviour.reject)
        return connection.respond(status, f"{status.phrase}\n")

    async def _meet(self, client: ServerConnection) -> None:
        behaviour = self.behaviour
        self.accepted += 1
        if not behaviour.drop and behaviour.close is None:
            self._clients.add(client)
            self.connected.set()
        try:
            for message in behaviour.send:
                await client.send(message, text=True)
            if behaviour.drop:
                client.transport.abort()
            elif behaviour.close is not None:
                await client.close(behaviour.close)
            await client.wait_closed()
        except ConnectionClosed:
            pass  # the client went first
        finally:
            self._clients.discard(client)
            if not self._clients:
                self.connected.clear()


async def serve_forever(port: int, *, every: float = 1.0) -> None:
    """Send an alert every ``every`` seconds to whoever is connected, until cancelled."""
    server = AlertServer()
    server.port = port
    async with server:
        print(f"serving alerts on {server.uri}")
        number = 0
        while True:
            number += 1
            await server.send([alert_text(number, "critical" if number % 5 == 0 else "info")])
            await asyncio.sleep(every)
