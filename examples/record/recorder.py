"""Runs the service through its hour and writes both recordings."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from record.hour import PHASES, Phase, jobs_of
from record.outputs import LogFile, RecordFile
from record.service_time import ServiceTime
from record.surroundings import Surroundings, surroundings

# What the service logs, and what asyncio says about its forgotten tasks. Servers in this process are not the service.
_LOGGERS = ("bot", "asyncio")


async def record(folder: Path, *, seed: int, phases: Sequence[Phase] = PHASES) -> None:
    """Write ``bot.log`` and ``bot.jsonl`` into ``folder``, which must exist."""
    planning, random = Random(seed), Random(seed)  # noqa: S311  repeatable, not secret
    handlers = LogFile(folder / "bot.log"), RecordFile(folder / "bot.jsonl")
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        async with surroundings(random) as world:
            with _recording(handlers) as time:
                for phase in phases:
                    await _live_through(phase, planning, world, time)


async def _live_through(phase: Phase, planning: Random, world: Surroundings, time: ServiceTime) -> None:
    await (world.feed.open() if phase.feed_is_up else world.feed.refuse())
    for at, job in jobs_of(phase, planning):
        time.reach(at)
        if (waiting := job(world)) is not None:
            await waiting


@contextlib.contextmanager
def _recording(handlers: Sequence[logging.Handler]) -> Iterator[ServiceTime]:
    time = ServiceTime()
    # The time is stamped once a line, before both handlers see it: the first handler's filter does it.
    handlers[0].addFilter(time)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield time
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).propagate = True
            for handler in handlers:
                logging.getLogger(name).removeHandler(handler)
        for handler in handlers:
            handler.close()
