"""Metrics that are no counts of errors and calls move levels too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from policy_engine import Engine, PolicyError, VirtualClock, load_policy

POLICY = """
[degradation]
levels = ["full", "degraded"]

[[degradation.triggers]]
name = "queue-grows"
level = "degraded"
when = { metric = "shop.queue", above = 1000 }
for = "3s"
release = { below = 100, for = "30s" }

[[degradation.triggers]]
name = "loop-stands-still"
level = "degraded"
when = { metric = "loop_lag", above = 60 }
"""


def an_engine(folder: Path, clock: VirtualClock, *, dry: bool = False) -> Engine:
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    return Engine(load_policy([folder / "policy.toml"]), clock=clock, dry=dry)


def test_a_metric_that_the_program_supplies_moves_the_level_without_any_error(tmp_path: Path) -> None:
    clock = VirtualClock()
    engine = an_engine(tmp_path, clock)
    waiting = 5000.0
    engine.supply("shop.queue", lambda _: waiting)
    clock.advance(5)
    assert engine.level() == "degraded"
    waiting = 10.0
    clock.advance(31)
    assert engine.level() == "full"


def test_a_reload_keeps_what_is_supplied(tmp_path: Path) -> None:
    clock = VirtualClock()
    engine = an_engine(tmp_path, clock)
    engine.supply("shop.queue", lambda _: 5000.0)
    engine.reload()
    clock.advance(5)
    assert engine.level() == "degraded"


def test_a_loop_is_followed_from_when_its_program_says_so(tmp_path: Path) -> None:
    engine = an_engine(tmp_path, VirtualClock())
    lag = next(each for each in engine.degradation.measure() if each.name == "loop_lag")

    async def main() -> float | None:
        engine.follow_loop()
        return engine.degradation.measure()[lag]

    assert engine.degradation.measure()[lag] is None
    assert asyncio.run(main()) is not None
    assert engine.degradation.measure()[lag] is None
    with pytest.raises(RuntimeError):
        engine.follow_loop()


def test_a_replay_does_not_measure_the_machine_that_it_runs_on(tmp_path: Path) -> None:
    engine = an_engine(tmp_path, VirtualClock(), dry=True)

    async def main() -> None:
        engine.follow_loop()
        assert set(engine.degradation.measure().values()) == {None}

    asyncio.run(main())


@pytest.mark.parametrize(
    "condition",
    [
        'metric = "memory_share", above = 1.5',
        'metric = "loop_lag", window = "1m", above = 1',
        'metric = "cpu_share", category = "NETWORK", above = 0.5',
    ],
)
def test_what_such_a_metric_cannot_mean_is_refused(condition: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        f'[[degradation.triggers]]\nname = "a"\nlevel = "minimal"\nwhen = {{ {condition} }}\n', "utf-8"
    )
    with pytest.raises(PolicyError):
        load_policy([tmp_path / "policy.toml"])
