"""The service's alert feed: a WebSocket that is refused, dropped, closed, rejected, or says what it should not."""

from __future__ import annotations

import logging

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, WebSocketException
from ws_alert.alerts import parse_alert
from ws_alert.server import Behaviour, alert_text

from record.surroundings import Surroundings

log = logging.getLogger("bot.feed")


async def receive(world: Surroundings) -> None:
    """Receive what the feed has; a normal close, as at the end of a shift."""
    number = world.random.randint(1000, 9999)
    await _receive(world, Behaviour(send=(alert_text(number), alert_text(number + 1, "critical")), close=1000))


async def receive_from_whatever_is_there(world: Surroundings) -> None:
    """Receive from a feed that may be gone, or drops whoever comes."""
    await _receive(world, Behaviour(send=(alert_text(world.random.randint(1000, 9999)),), drop=True))


async def receive_until_it_fails(world: Surroundings) -> None:
    """Receive from a feed whose server runs into an error of its own."""
    await _receive(world, Behaviour(send=(alert_text(world.random.randint(1000, 9999)),), close=1011))


async def meet_an_overloaded_server(world: Surroundings) -> None:
    """Be rejected with 503."""
    await _receive(world, Behaviour(reject=503))


async def meet_a_closed_door(world: Surroundings) -> None:
    """Be rejected with 403, with a token that is no longer good."""
    token = f"demo-{world.random.getrandbits(64):016x}"
    try:
        await _messages(world, Behaviour(reject=403), token=token)
    except WebSocketException:
        log.exception("feed does not accept our credentials, sent Authorization: Bearer %s", token)


async def receive_bad_utf8(world: Surroundings) -> None:
    """Receive a text frame that is no UTF-8."""
    await _receive(world, Behaviour(send=(b'{"id": "a-1", "title": "caf\xe9"}',)))


async def receive_bad_messages(world: Surroundings) -> None:
    """Receive alerts cut short, without a priority, and of a priority nobody knows."""
    whole = alert_text(world.random.randint(1000, 9999))
    wrong = (
        whole[: world.random.randint(5, 40)],
        '{"id": "a-7", "title": "no priority"}',
        whole.replace("info", "urgent"),
    )
    await _receive(world, Behaviour(send=(world.random.choice(wrong),), close=1000))


async def wait_for_a_silent_server(world: Surroundings) -> None:
    """Wait for a handshake that nobody answers."""
    try:
        async with connect(f"ws://127.0.0.1:{world.silent_port}/alerts", open_timeout=0.05):
            log.info("connected")
    except OSError:
        log.exception("feed does not answer")


async def look_up_a_name_that_is_gone(_world: Surroundings) -> None:
    """Connect to a host that does not resolve."""
    try:
        async with connect("ws://feed-2.alerts.invalid/alerts"):
            log.info("connected")
    except OSError:
        log.exception("standby feed not reachable")


async def speak_tls_to_a_plain_server(world: Surroundings) -> None:
    """Start a TLS handshake with a server that speaks none."""
    try:
        async with connect(f"wss://127.0.0.1:{world.http_port}/alerts"):
            log.info("connected")
    except OSError:
        log.exception("secure feed not usable")


async def give_up(world: Surroundings) -> None:
    """Stop trying for a while, and say so without a traceback, as programs do."""
    attempts = world.random.randint(5, 12)
    try:
        await _messages(world, Behaviour(drop=True))
    except (OSError, WebSocketException) as error:
        log.error("giving up on the feed after %d attempts: %s", attempts, error)  # noqa: TRY400  recorded as it is


async def _receive(world: Surroundings, behaviour: Behaviour) -> None:
    try:
        messages = await _messages(world, behaviour)
    except ConnectionClosedError:
        log.exception("connection to the feed lost", extra={"context": {"uri": world.feed.uri}})
    except (OSError, WebSocketException):
        log.exception("cannot connect to the feed", extra={"context": {"uri": world.feed.uri}})
        log.warning("connecting again in %.1f s", world.random.uniform(0.5, 30.0))
    else:
        _take(messages)


async def _messages(world: Surroundings, behaviour: Behaviour, *, token: str = "") -> list[str | bytes]:
    world.feed.behaviour = behaviour
    headers = {"Authorization": f"Bearer {token}"} if token else None
    async with connect(world.feed.uri, additional_headers=headers) as connection:
        return [message async for message in connection]


def _take(messages: list[str | bytes]) -> None:
    for message in messages:
        try:
            alert = parse_alert(message)
        except ValueError:
            log.exception("message rejected", extra={"context": {"length": len(message)}})
        else:
            log.info("alert %s (%s): %s", alert.id, alert.priority, alert.title)
