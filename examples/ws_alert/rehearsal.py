"""A rehearsal: the bot against a server that fails in bursts, on real sockets and in virtual time.

Ten minutes pass in a second. ``python -m ws_alert.rehearsal FILE.svg`` draws what happened; a test asks what became of
the alerts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from policy_engine import CircuitBreakerConfig, Engine, VirtualClock, load_policy_layers
from policy_engine.handler import set_error_handler
from policy_engine.model import ErrorHandled, Event, LevelChanged
from policy_engine.reports import Curves, Timeline, plot
from policy_engine.simulate.measuring import Measuring
from ws_alert.alerts import Alert, Priority
from ws_alert.client import WebSocketClient
from ws_alert.error_handler import ComprehensiveErrorHandler
from ws_alert.pacing import Pacing
from ws_alert.server import AlertServer, Behaviour, alert_text

POLICY = Path(__file__).parent / "policy"
RUBBISH = 9
"""Messages that are no alerts, to each client of a server that fails."""
WELL = Behaviour()
FAILING = Behaviour(send=(alert_text(0), alert_text(0, "critical", "disk full"), *["{"] * RUBBISH), close=1011)
DOWN = Behaviour(reject=503)
PLAN: Sequence[tuple[Behaviour, float]] = (
    (WELL, 60),
    (FAILING, 90),
    (DOWN, 60),
    (WELL, 200),
    (FAILING, 90),
    (WELL, 300),
)
"""How the server behaves, and for how many seconds."""


@dataclass(slots=True)
class Rehearsal:
    """What happened: each alert with the level at which it came, the changes of the level, the timeline to draw."""

    engine: Engine
    clock: VirtualClock
    timeline: Timeline
    measuring: Measuring
    critical_sent: int = 0
    delivered: list[tuple[str, Alert]] = field(default_factory=list)
    changes: list[LevelChanged] = field(default_factory=list)

    def event(self, event: Event) -> None:
        """Take note of what the engine did."""
        self.timeline.event(event)
        if isinstance(event, ErrorHandled):
            self.timeline.handled(event.info)
        elif isinstance(event, LevelChanged):
            self.changes.append(event)

    def count(self, priority: Priority, *levels: str) -> int:
        """How many alerts of a priority were delivered at these levels."""
        return sum(alert.priority is priority and level in levels for level, alert in self.delivered)


async def rehearse() -> Rehearsal:
    """Run the bot through the plan."""
    with _service() as rehearsal:
        async with AlertServer(WELL) as server, asyncio.timeout(60):
            await _Run(rehearsal, server).through(PLAN)
        rehearsal.measuring.look()
        rehearsal.timeline.covers(0, round(rehearsal.clock.time()))
        return rehearsal


class _Run:
    """The bot and its server, and the time that passes for both."""

    def __init__(self, rehearsal: Rehearsal, server: AlertServer) -> None:
        self._rehearsal = rehearsal
        self._clock = rehearsal.clock
        self._server = server
        self._critical: asyncio.Queue[Alert] = asyncio.Queue()
        self._phase_ends = 0.0
        self._phase_over = asyncio.Event()
        self._next = WELL
        self._client = WebSocketClient(
            server.uri,
            pacing=Pacing(limit=1000, maximum=8.0),
            breaker=CircuitBreakerConfig(failure_threshold=5, recovery_timeout=20.0, success_threshold=1),
            sleep=self._sleep,
            now=self._clock.monotonic,
            random=Random(1),  # noqa: S311  the same waits in each rehearsal
        )
        self._client.on_alert(self._deliver)

    async def through(self, plan: Sequence[tuple[Behaviour, float]]) -> None:
        """Let the server behave as planned."""
        bot = asyncio.create_task(self._client.run())
        try:
            for number, (behaviour, seconds) in enumerate(plan):
                self._next = plan[number + 1][0] if number + 1 < len(plan) else WELL
                self._phase_ends = self._clock.monotonic() + seconds
                self._server.behaviour = behaviour
                if behaviour is WELL:
                    await self._serve()
                else:
                    await self._fail()
        finally:
            bot.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await bot

    async def _serve(self) -> None:
        """Two alerts a second to whoever is connected; a critical one is waited for."""
        while self._clock.monotonic() < self._phase_ends:
            await self._server.connected.wait()
            self._rehearsal.critical_sent += 1
            number = self._rehearsal.critical_sent
            await self._server.send([alert_text(number), alert_text(number, "critical", "disk full")])
            while (await self._critical.get()).id != f"a-{number}":
                pass
            self._clock.advance(1)

    async def _fail(self) -> None:
        """Time passes while the bot waits to connect again."""
        self._phase_over.clear()
        self._server.drop_clients()
        await self._phase_over.wait()

    async def _sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)
        if self._clock.monotonic() >= self._phase_ends:
            self._server.behaviour = self._next
            self._phase_over.set()
        await asyncio.sleep(0)

    def _deliver(self, alert: Alert) -> None:
        self._rehearsal.delivered.append((self._rehearsal.engine.level(), alert))
        if alert.priority is Priority.CRITICAL:
            self._critical.put_nowait(alert)


@contextlib.contextmanager
def _service() -> Iterator[Rehearsal]:
    """An engine of its own in virtual time, for as long as the block runs."""
    clock = VirtualClock()
    policy = load_policy_layers([POLICY])
    engine = Engine(policy, clock=clock, random=Random(1))  # noqa: S311  the same ids in each rehearsal
    curves = Curves(policy.degradation)
    rehearsal = Rehearsal(engine, clock, Timeline(curves=curves), Measuring(engine, clock, curves))
    engine.subscribe(rehearsal.event)
    before = set_error_handler(ComprehensiveErrorHandler(engine))
    try:
        yield rehearsal
    finally:
        set_error_handler(before)


def main() -> None:
    """Rehearse, draw it, and say what became of the alerts."""
    parser = argparse.ArgumentParser(prog="python -m ws_alert.rehearsal", description="The bot under stress.")
    parser.add_argument("picture", type=Path, help="where to draw it, as SVG")
    path = parser.parse_args().picture
    logging.disable(logging.WARNING)  # what the bot logs of each alert is not what is asked here
    rehearsal = asyncio.run(rehearse())
    path.write_bytes(plot(rehearsal.timeline, rehearsal.engine.policy.degradation, "svg"))
    for change in rehearsal.changes:
        print(f"{change.time:6.1f} s  {change.before} -> {change.after}  {change.reason}")
    worse = ("degraded", "minimal", "emergency")
    for priority in (Priority.INFO, Priority.CRITICAL):
        print(
            f"{priority} alerts: {rehearsal.count(priority, 'full')} at full, {rehearsal.count(priority, *worse)} below"
        )


if __name__ == "__main__":
    main()
