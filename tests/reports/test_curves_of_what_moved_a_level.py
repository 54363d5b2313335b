"""The values that triggers compared, beside the level that they moved."""

from __future__ import annotations

from pathlib import Path

from policy_engine.cli import main
from policy_engine.degrade import compile_degradation
from policy_engine.metrics import metric
from policy_engine.reports import Curves

BOT = Path(__file__).parents[2] / "examples" / "recorded" / "bot.log"
QUEUE = metric("shop.queue")
POLICY = compile_degradation(
    {"triggers": [{"name": "long", "level": "degraded", "when": {"metric": "shop.queue", "above": 100}}]}
)


def test_memory_is_bounded_and_no_peak_is_lost() -> None:
    curves = Curves(POLICY, most=16)
    for second in range(10_000):
        curves.add(float(second), {QUEUE: 500.0 if second == 3_333 else float(second % 7)})
    readings = curves.of(QUEUE)
    assert len(readings) <= 16
    assert max(reading.value for reading in readings) == 500.0
    assert [reading.time for reading in readings] == sorted(reading.time for reading in readings)


def test_a_metric_without_data_has_no_curve() -> None:
    curves = Curves(POLICY)
    curves.add(1.0, {QUEUE: None})
    assert curves.of(QUEUE) == []
    assert not curves.came_near(curves.watched[0])


def test_half_way_to_a_limit_is_near() -> None:
    curves = Curves(POLICY)
    curves.add(1.0, {QUEUE: 49.0})
    assert not curves.came_near(curves.watched[0])
    curves.add(2.0, {QUEUE: 50.0})
    assert curves.came_near(curves.watched[0])


def test_a_replay_draws_the_metric_that_moved_the_level(tmp_path: Path) -> None:
    picture, page = tmp_path / "a.svg", tmp_path / "a.html"
    assert main(["replay", str(BOT), "--plot", str(picture), "--html", str(page)]) == 0
    for text in (picture.read_text("utf-8"), page.read_text("utf-8")):
        assert "many-errors: error_rate 60s above 30 for 20 s; released below 10 for 2 min" in text
        assert "degraded at 45" in text
