"""The values that triggers compared, beside the level that they moved."""

from __future__ import annotations

from pathlib import Path

from policy_engine.cli import main
from policy_engine.degrade import compile_degradation
from policy_engine.metrics import metric
from policy_engine.model import LevelChanged
from policy_engine.reports import Curves, Timeline
from policy_engine.reports.drawing import NARROW, WIDE, draw
from policy_engine.reports.scene import scene_of
from policy_engine.reports.shapes import Line, Picture, Text

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


def a_picture(above: float, values: list[float], width: int = WIDE) -> Picture:
    """Of a trigger that fell at the first of the values, one a second."""
    when = {"metric": "shop.queue", "above": above}
    options = compile_degradation(
        {"triggers": [{"name": "long-queue", "level": "degraded", "when": when, "release": {"below": -5, "for": "2m"}}]}
    )
    timeline = Timeline(curves=Curves(options))
    assert timeline.curves is not None
    for second, value in enumerate(values):
        timeline.curves.add(float(second), {QUEUE: value})
    timeline.event(LevelChanged(0.0, "full", "degraded", "long-queue", "", {"shop.queue": values[0]}))
    timeline.covers(0, len(values))
    scene = scene_of(timeline, options)
    assert scene is not None
    return draw(scene, width=width)


def texts(picture: Picture) -> list[str]:
    return [each.text for each in picture.shapes if isinstance(each, Text)]


def test_large_numbers_are_written_out_and_never_run_out_of_the_picture() -> None:
    picture = a_picture(2_147_483_648, [2_200_000_000, 0])
    told = texts(picture)
    assert "long-queue: shop.queue above 2,147,483,648; released below -5 for 2 min" in told
    assert "degraded at 2,200,000,000" in told
    assert "2,147,483,648" not in told
    assert "1,200" in texts(a_picture(1_200, [1_300, 0]))


def test_a_value_below_zero_stays_in_its_chart() -> None:
    picture = a_picture(30, [31, 0, -40])
    curve = [each for each in picture.shapes if isinstance(each, Line) and each.style == "c0"]
    moved = next(each for each in picture.shapes if isinstance(each, Line) and each.style == "ink")
    assert curve
    assert all(moved.y1 <= y <= moved.y2 for each in curve for y in (each.y1, each.y2))


def test_a_narrow_picture_tells_the_release_too() -> None:
    picture = a_picture(30, [31, 0], width=NARROW)
    assert "long-queue: shop.queue above 30; released below -5 for 2 min" in " ".join(texts(picture))
    assert "long-queue: shop.queue above 30; released below -5 for 2 min" not in texts(picture)
