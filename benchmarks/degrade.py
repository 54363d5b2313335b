"""What levels cost: a call of a decorated function at its level, and looking at a hundred triggers.

Run it with ``python -m benchmarks.degrade``. The wanted bounds: 150 ns a call more than the bare one, 20 us for a
hundred triggers, whatever state they are in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.rounds import alternate
from policy_engine.clock import VirtualClock
from policy_engine.degrade import FunctionDecorators, GracefulDegradation, compile_degradation
from policy_engine.metrics import Metric, MetricSet
from policy_engine.model import Occurrence

ROUNDS = 25
AWAITS = 1000


class Bench:
    """A host without an engine: the level machine over real counters, in virtual time."""

    def __init__(self, section: Mapping[str, Any]) -> None:
        self.clock = clock = VirtualClock()
        options = compile_degradation(section)
        self.metrics = MetricSet(options.metrics(), on_fault=print)
        self.degradation = GracefulDegradation(
            options,
            clock=clock,
            read_all=lambda wanted: self.metrics.read_all(wanted, clock.monotonic()),
            publish=lambda change: None,  # noqa: ARG005  a fall is wanted, and prints nothing
        )

    def report(self, error: Exception, module: str, function: str) -> None:
        print(module, function, error)

    def registered(self, name: str) -> Callable[..., object]:
        raise LookupError(name)


def nothing() -> None:
    return None


async def nothing_async() -> None:
    return None


def triggers(count: int) -> dict[str, Any]:
    """As many triggers, each over a category of its own."""
    return {
        "triggers": [
            {
                "name": f"trigger-{number}",
                "level": "degraded",
                "when": {"metric": "errors", "category": f"CATEGORY_{number}", "window": "1m", "above": 30},
                "for": "20s",
            }
            for number in range(count)
        ]
    }


def calls() -> None:
    bench = Bench({"functions": {"chart": {"runs_at": ["full"]}}})
    overridden = Bench({"functions": {"chart": {"runs_at": ["full"]}}})
    with overridden.degradation.override("minimal"):
        pass
    decorators, others = FunctionDecorators(lambda: bench), FunctionDecorators(lambda: overridden)
    plain = {
        "bare": nothing,
        "@critical_function": decorators.critical_function(nothing),
        "@emergency_function": decorators.emergency_function(nothing),
        "@degradable": decorators.degradable("chart")(nothing),
        "@degradable, once a request was overridden": others.degradable("chart")(nothing),
    }
    _print_differences("a call", alternate(plain, rounds=ROUNDS, calls=20_000), bare="bare", per=1)
    decorated = decorators.degradable("chart")(nothing_async)

    async def await_bare() -> None:
        for _ in range(AWAITS):
            await nothing_async()

    async def await_decorated() -> None:
        for _ in range(AWAITS):
            await decorated()

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        candidates: dict[str, Callable[[], object]] = {
            "bare, awaited": lambda: loop.run_until_complete(await_bare()),
            "@degradable, awaited": lambda: loop.run_until_complete(await_decorated()),
        }
        times = alternate(candidates, rounds=ROUNDS, calls=20)
    _print_differences("an await", times, bare="bare, awaited", per=AWAITS)


def errors(bench: Bench, *, categories: int, times: int) -> tuple[Metric, ...]:
    """Count errors of so many categories; returns the metrics that the last one touched."""
    touched: tuple[Metric, ...] = ()
    for number in range(categories):
        error = Occurrence("ValueError", ("ValueError",), "boom", 1.0, category=f"CATEGORY_{number}")
        for _ in range(times):
            touched = bench.metrics.error_handled(error, 0.0)
    return touched


def evaluation() -> None:
    counting, idle, pending, in_force = (Bench(triggers(100)) for _ in range(4))
    error = Occurrence("ValueError", ("ValueError",), "boom", 1.0, category="CATEGORY_7")
    touched = errors(idle, categories=100, times=3)
    for bench in (pending, in_force):
        errors(bench, categories=100, times=31)
        bench.degradation.evaluate()
    in_force.clock.advance(20)
    candidates: dict[str, Callable[[], object]] = {
        "count an error, 100 metrics of other categories": lambda: counting.metrics.error_handled(error, 0.0),
        "100 triggers, after an error that touches one": lambda: idle.degradation.evaluate(touched),
        "100 triggers, all looked at": idle.degradation.evaluate,
        "100 triggers, all of them pending": pending.degradation.evaluate,
        "100 triggers, all of them pending, on a tick": lambda: pending.degradation.evaluate(()),
        "100 triggers, all of them in force": in_force.degradation.evaluate,
    }
    print("evaluation")
    for name, seconds in alternate(candidates, rounds=ROUNDS, calls=1000).items():
        print(f"  {name:<48} {seconds * 1e6:8.2f} us")


def _print_differences(title: str, times: Mapping[str, float], *, bare: str, per: int) -> None:
    print(title)
    for name, seconds in times.items():
        print(f"  {name:<48} {seconds / per * 1e9:8.1f} ns  {(seconds - times[bare]) / per * 1e9:+8.1f} ns")


def main() -> None:
    calls()
    evaluation()


if __name__ == "__main__":
    main()
