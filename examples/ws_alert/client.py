"""The WebSocket client: connects, receives alerts, hands them to handlers, comes back when the connection is lost.

What fails goes through `handle_error`; what that means is the policy's business, not this module's. A normal close is
no error. Reconnecting is a loop with a limit, paced by `ws_alert.pacing`. Cancel the task of `run` to stop.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidHandshake

from ws_alert.alerts import Alert, Priority, parse_alert
from ws_alert.error_handler import (
    CircuitBreakerConfig,
    CircuitOpenError,
    DegradedError,
    critical_function,
    degradable,
    get_error_handler,
    handle_error,
)
from ws_alert.pacing import Pacing, Reconnects

log = logging.getLogger(__name__)

Handler = Callable[[Alert], Awaitable[None] | None]

BREAKER = "alert_server"


class ConnectionGivenUpError(ConnectionError):
    """The server could not be reached, or kept, for as many attempts as the pacing allows."""


class WebSocketClient:
    """Receives alerts from ``uri`` and hands each to every handler.

    ``counts`` holds how many alerts were received, rejected, delivered and undelivered, and how often it connected.
    ``sleep``, ``now`` and ``random`` are for tests.
    """

    def __init__(
        self,
        uri: str,
        *,
        pacing: Pacing | None = None,
        breaker: CircuitBreakerConfig | None = None,
        open_timeout: float = 10.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        self.uri = uri
        self.counts: Counter[str] = Counter()
        self._handlers: list[Handler] = []
        self._open_timeout = open_timeout
        self._sleep = sleep
        self._now = now
        self._reconnects = Reconnects(pacing or Pacing(), random or Random())  # noqa: S311  spreads load, no secret
        self._breaker = get_error_handler().get_circuit_breaker(
            BREAKER, breaker or CircuitBreakerConfig(failure_threshold=5, recovery_timeout=30.0, success_threshold=1)
        )

    def on_alert(self, handler: Handler) -> Handler:
        """Hand every alert to ``handler``, plain or coroutine function; usable as a decorator."""
        self._handlers.append(handler)
        return handler

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            ConnectionGivenUpError: as many attempts in a row failed as the pacing allows.
        """
        while True:
            try:
                await self._session()
            except CircuitOpenError as refusal:
                # Nothing was attempted: the breaker knows better than the pacing when to try again.
                log.info("%s", refusal)
                await self._sleep(refusal.retry_after or 0.0)
                continue
            self._reconnects.lost(self._now())
            if self._reconnects.exhausted:
                raise ConnectionGivenUpError(f"gave up on {self.uri} after {self._reconnects.failures} attempts")
            delay = self._reconnects.delay()
            log.info("connecting again in %.1f s", delay)
            await self._sleep(delay)

    async def _session(self) -> None:
        """Connect once and receive until the connection ends; what went wrong was handled on return."""
        try:
            connection = await self.connect()
        except (OSError, InvalidHandshake) as error:
            self._handle(error, "connect", attempt=self._reconnects.failures + 1)
            return
        self.counts["connected"] += 1
        self._reconnects.connected(self._now())
        log.info("connected to %s", self.uri)
        async with connection:
            await self.receive(connection)

    async def connect(self) -> ClientConnection:
        """Open one connection, through the circuit breaker."""
        async with self._breaker:
            return await connect(self.uri, open_timeout=self._open_timeout)

    async def receive(self, connection: ClientConnection) -> None:
        """Dispatch every message until the connection ends."""
        try:
            async for message in connection:
                await self._take(message)
        except ConnectionClosedError as error:
            self._handle(error, "receive", received=self.counts["received"])
        else:
            log.info("the server closed the connection")

    async def _take(self, message: str | bytes) -> None:
        self.counts["received"] += 1
        try:
            alert = parse_alert(message)
        except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, no alert; nested without end
            self.counts["rejected"] += 1
            self._handle(error, "parse_alert", length=len(message))
            return
        await self.dispatch(alert)

    async def dispatch(self, alert: Alert) -> None:
        """Hand ``alert`` to every handler; one that fails keeps it from no other."""
        critical = alert.priority is Priority.CRITICAL
        for handler in self._handlers:
            try:
                if critical:
                    await deliver_critical(handler, alert)
                else:
                    admit_alert()
                    await deliver_alert(handler, alert)
            except DegradedError as refusal:
                self.counts["undelivered"] += 1
                log.warning("alert %s not delivered: %s", alert.id, refusal)
            except Exception as error:  # noqa: BLE001  a handler is foreign code; what it raised is handled
                self.counts["undelivered"] += 1
                self._handle(error, "dispatch", alert_id=alert.id)
            else:
                self.counts["delivered"] += 1

    def _handle(self, error: Exception, function: str, **context: object) -> None:
        info = handle_error(error, module="WebSocketClient", function=function, context={"uri": self.uri, **context})
        log.warning("%s %s in %s: %s", info.severity, info.category, function, info.message)


@degradable("deliver_alert")
def admit_alert() -> None:
    """Let an alert that can wait pass, where the policy says; everywhere if it does not. Raises `DegradedError`."""


async def deliver_alert(handler: Handler, alert: Alert) -> None:
    """Hand ``alert`` to ``handler`` and wait until it is done."""
    result = handler(alert)
    if inspect.isawaitable(result):
        await result


@critical_function
async def deliver_critical(handler: Handler, alert: Alert) -> None:
    """Hand over a critical alert: runs down to level "minimal"."""
    await deliver_alert(handler, alert)
