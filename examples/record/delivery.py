"""The service's own mistakes, made while it delivers alerts: what no upstream is to blame for."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
from typing import Any

from record.surroundings import Surroundings

log = logging.getLogger("bot.delivery")

_ON_CALL: dict[str, Any] = {"ops": {"pager": "+1-555-0100"}, "web": None}
_ESCALATES_TO = {"ops": "lead", "lead": "duty", "duty": "ops"}


class DeliveryError(Exception):
    """An alert did not reach anybody."""


def deliver(world: Surroundings) -> None:
    """Deliver an alert; all is well."""
    log.info("alert a-%d delivered to %s", world.random.randint(1000, 9999), _ON_CALL["ops"]["pager"])


def deliver_to_an_unknown_team(_world: Surroundings) -> None:
    """Look up a team that is not in the table."""
    _try("database")


def deliver_to_a_team_without_anybody(_world: Surroundings) -> None:
    """Use a team that is there, but empty."""
    _try("web")


def average_of_nothing(_world: Surroundings) -> None:
    """Average the latencies of a minute in which nothing was delivered."""
    latencies: list[float] = []
    try:
        log.info("mean latency %.3f s", sum(latencies) / len(latencies))
    except ZeroDivisionError:
        log.exception("statistics not written")


def read_a_number_that_is_none(_world: Surroundings) -> None:
    """Read a threshold from a form."""
    try:
        int("n/a")
    except ValueError:
        log.exception("threshold ignored")


def escalate_in_a_circle(_world: Surroundings) -> None:
    """Follow an escalation that ends where it began."""
    try:
        _escalate("ops")
    except RecursionError:
        log.exception("escalation has no end", extra={"context": {"team": "ops"}})


def load_a_channel_that_is_not_installed(_world: Surroundings) -> None:
    """Import a plug-in by the name in the configuration."""
    try:
        importlib.import_module("alertbot_sms")
    except ImportError:
        log.exception("channel not available")


async def deliver_to_everybody(_world: Surroundings) -> None:
    """Deliver to several teams at once, two of which fail."""
    try:
        async with asyncio.TaskGroup() as group:
            for team in ("ops", "web", "database"):
                group.create_task(_page(team))
    except* (LookupError, TypeError):
        log.exception("not everybody was reached")


async def wait_for_an_acknowledgement(_world: Surroundings) -> None:
    """Wait for an answer from the pager."""
    try:
        async with asyncio.timeout(0.02):
            await asyncio.Event().wait()
    except TimeoutError:
        log.exception("nobody acknowledged")


async def deliver_in_the_background(_world: Surroundings) -> None:
    """Start a task and forget it: `asyncio` reports what it raised once it is collected."""
    task = asyncio.create_task(_page("database"), name="page-database")
    await asyncio.wait([task])
    del task
    gc.collect()


async def give_up_on_an_alert(world: Surroundings) -> None:
    """Report a failure without its traceback."""
    try:
        await _page("database")
    except KeyError as error:
        number = world.random.randint(1000, 9999)
        log.error("alert a-%d not delivered: no team %s", number, error)  # noqa: TRY400  recorded as it is


def _try(team: str) -> None:
    try:
        _deliver(team)
    except DeliveryError:
        log.exception("alert not delivered", extra={"context": {"team": team}})


def _deliver(team: str) -> None:
    try:
        log.info("paging %s", _ON_CALL[team]["pager"])
    except (LookupError, TypeError) as error:
        raise DeliveryError(f'no pager for team "{team}"') from error


async def _page(team: str) -> None:
    await asyncio.sleep(0)
    log.info("paging %s", _ON_CALL[team]["pager"])


def _escalate(team: str) -> str:
    return _escalate(_ESCALATES_TO[team])
