"""The WebSocket client against a real server on this machine; its waits run in virtual time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from ws_alert.alerts import Alert, Priority
from ws_alert.client import BREAKER, ConnectionGivenUpError, WebSocketClient
from ws_alert.pacing import Pacing
from ws_alert.server import AlertServer, Behaviour, alert_text

from policy_engine import CircuitBreakerConfig, ComprehensiveErrorHandler, ErrorInfo, VirtualClock

NEVER_OPENS = CircuitBreakerConfig(failure_threshold=1000)


class Bench:
    """A client whose waits are recorded and pass in no time, and what its service handled."""

    def __init__(self, handler: ComprehensiveErrorHandler, clock: VirtualClock) -> None:
        self.handler = handler
        self.clock = clock
        self.waits: list[float] = []
        self.errors: list[ErrorInfo] = []
        self.alerts: list[Alert] = []
        handler.register_callback(self.errors.append)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    def client(self, uri: str, *, limit: int = 20, breaker: CircuitBreakerConfig = NEVER_OPENS) -> WebSocketClient:
        client = WebSocketClient(
            uri,
            pacing=Pacing(limit=limit),
            breaker=breaker,
            sleep=self.sleep,
            now=self.clock.monotonic,
            random=Random(1),
        )
        client.on_alert(self.alerts.append)
        return client


@pytest.fixture
def bench(handler: ComprehensiveErrorHandler, clock: VirtualClock) -> Bench:
    return Bench(handler, clock)


async def run_until(client: WebSocketClient, done: Callable[[], bool]) -> None:
    """Run the client until ``done``, asked after each alert, then cancel it as a service would."""
    finished = asyncio.Event()

    def check(_alert: Alert) -> None:
        if done():
            finished.set()

    client.on_alert(check)
    async with asyncio.timeout(10):
        task = asyncio.create_task(client.run())
        await asyncio.wait([task, asyncio.create_task(finished.wait())], return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def refused_uri() -> str:
    async with AlertServer() as server:
        return server.uri


async def give_up(client: WebSocketClient) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(ConnectionGivenUpError):
            await client.run()


def running(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


def test_every_alert_reaches_plain_and_coroutine_handlers(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1), alert_text(2, "critical")))) as server:
            client = bench.client(server.uri)
            waited: list[str] = []

            async def wait(alert: Alert) -> None:
                await asyncio.sleep(0)
                waited.append(alert.id)

            client.on_alert(wait)
            await run_until(client, lambda: len(bench.alerts) == 2)
            assert [alert.id for alert in bench.alerts] == waited == ["a-1", "a-2"]
            assert bench.errors == []

    running(scenario)


def test_refused_connections_are_handled_with_where_and_what(bench: Bench) -> None:
    async def scenario() -> None:
        client = bench.client(await refused_uri(), limit=3)
        await give_up(client)
        assert [error.exception_type for error in bench.errors] == ["ConnectionRefusedError"] * 3
        assert {(error.module, error.function) for error in bench.errors} == {("WebSocketClient", "connect")}
        assert [error.context["attempt"] for error in bench.errors] == [1, 2, 3]
        assert bench.errors[0].context["uri"] == client.uri

    running(scenario)


def test_waits_between_attempts_grow_and_end_at_the_limit(bench: Bench) -> None:
    async def scenario() -> None:
        await give_up(bench.client(await refused_uri(), limit=8))
        assert len(bench.waits) == 7
        for number, wait in enumerate(bench.waits):
            assert 0.25 * 2**number <= wait <= min(30.0, 0.5 * 2**number)

    running(scenario)


def test_an_open_breaker_is_waited_for_and_counts_neither_as_attempt_nor_as_error(bench: Bench) -> None:
    async def scenario() -> None:
        breaker = CircuitBreakerConfig(failure_threshold=3, recovery_timeout=30.0)
        await give_up(bench.client(await refused_uri(), limit=4, breaker=breaker))
        counts = bench.handler.get_circuit_breaker(BREAKER, breaker).statistics()
        assert len(bench.errors) == 4
        assert (counts.failures, counts.refused) == (4, 1)
        assert sum(bench.waits) >= 30.0

    running(scenario)


def test_a_dropped_client_comes_back_and_receives_again(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1),), drop=True)) as server:
            client = bench.client(server.uri)
            await run_until(client, lambda: len(bench.alerts) == 3)
        assert client.counts["connected"] == 3
        assert {error.type for error in bench.errors} == {"websockets.exceptions.ConnectionClosedError"}
        assert {error.function for error in bench.errors} == {"receive"}
        assert len(bench.errors) in (2, 3)  # the third drop may come before the client is cancelled

    running(scenario)


def test_a_server_that_goes_away_and_returns_is_found_again(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1),))) as server:
            client = bench.client(server.uri)

            async def leave_then_return(_seconds: float) -> None:
                bench.clock.advance(_seconds)
                if len(bench.errors) == 3:
                    await server.open()

            client._sleep = leave_then_return
            await server.refuse()
            await run_until(client, lambda: True)
        assert [error.exception_type for error in bench.errors] == ["ConnectionRefusedError"] * 3
        assert client.counts["connected"] == 1

    running(scenario)


def test_a_normal_close_is_no_error(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1),), close=1000)) as server:
            await run_until(bench.client(server.uri), lambda: len(bench.alerts) == 2)
        assert bench.errors == []

    running(scenario)


def test_a_server_that_accepts_and_hangs_up_is_given_up_like_one_that_refuses(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(close=1000)) as server:
            await give_up(bench.client(server.uri, limit=4))
            assert server.accepted == 4
        assert sorted(bench.waits) == bench.waits

    running(scenario)


@pytest.mark.parametrize("status", [403, 503])
def test_a_rejected_handshake_is_handled_with_its_status(bench: Bench, status: int) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(reject=status)) as server:
            await give_up(bench.client(server.uri, limit=1))
        [error] = bench.errors
        assert error.type == "websockets.exceptions.InvalidStatus"
        assert error.attributes["status_code"] == status

    running(scenario)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("{", "JSONDecodeError"),
        ('{"id": 7}', "AlertError"),
        ("[" * 100_000, "RecursionError"),
    ],
)
def test_a_bad_message_is_handled_and_the_next_one_delivered(bench: Bench, message: str, kind: str) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(message, alert_text(2)))) as server:
            client = bench.client(server.uri)
            await run_until(client, lambda: True)
        [error] = bench.errors
        assert (error.exception_type, error.function) == (kind, "parse_alert")
        assert (client.counts["rejected"], client.counts["received"]) == (1, 2)

    running(scenario)


def test_text_that_is_no_utf8_ends_the_connection_and_is_handled(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(b"\xff",))) as server:
            await give_up(bench.client(server.uri, limit=1))
        [error] = bench.errors
        assert error.function == "receive"
        assert error.causes[0].type == "UnicodeDecodeError"

    running(scenario)


def test_a_handler_that_fails_keeps_the_alert_from_no_other(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1),))) as server:
            client = bench.client(server.uri)
            client.on_alert(lambda alert: alert.id.missing)  # type: ignore[attr-defined]
            await run_until(client, lambda: True)
        [error] = bench.errors
        assert (error.exception_type, error.function) == ("AttributeError", "dispatch")
        assert error.context["alert_id"] == "a-1"
        assert (client.counts["delivered"], client.counts["undelivered"]) == (2, 1)

    running(scenario)


def test_critical_alerts_are_delivered_down_to_minimal_and_not_below(bench: Bench) -> None:
    async def scenario() -> None:
        client = bench.client("ws://127.0.0.1:1/")
        critical = Alert("a-1", Priority.CRITICAL, "disk full")
        bench.handler.degradation.set_level("minimal", "a test")
        await client.dispatch(critical)
        assert bench.alerts == [critical]
        bench.handler.degradation.set_level("emergency", "a test")
        await client.dispatch(critical)
        assert bench.alerts == [critical]
        assert client.counts["undelivered"] == 1
        assert bench.errors == []

    running(scenario)


def test_a_critical_alert_whose_handler_fails_is_counted_once(bench: Bench) -> None:
    async def scenario() -> None:
        client = bench.client("ws://127.0.0.1:1/")
        client.on_alert(lambda alert: alert.id.missing)  # type: ignore[attr-defined]
        await client.dispatch(Alert("a-1", Priority.CRITICAL, "disk full"))
        assert [error.exception_type for error in bench.errors] == ["AttributeError"]
        assert bench.handler.get_error_statistics()["total_errors"] == 1

    running(scenario)


def test_cancelling_the_client_is_no_error(bench: Bench) -> None:
    async def scenario() -> None:
        async with AlertServer(Behaviour(send=(alert_text(1),))) as server:
            client = bench.client(server.uri)
            arrived = asyncio.Event()
            client.on_alert(lambda _alert: arrived.set())
            task = asyncio.create_task(client.run())
            await asyncio.wait_for(arrived.wait(), 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert bench.errors == []

    running(scenario)
