"""``replay --plot``: the timeline alone, as SVG and as PNG."""

from __future__ import annotations

import io
import json
import struct
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path

import pytest
from makers import an_info

from policy_engine.cli import main
from policy_engine.degrade import DegradationOptions, compile_degradation
from policy_engine.model import AlertSent, BreakerChanged, BreakerState, LevelChanged
from policy_engine.reports import Timeline, plot, png
from policy_engine.reports.palette import LIGHT

SVG = "{http://www.w3.org/2000/svg}"
BOT = Path(__file__).parents[2] / "examples" / "recorded" / "bot.log"
POLICY = compile_degradation(
    {
        "triggers": [
            {
                "name": "many",
                "level": "degraded",
                "when": {"metric": "error_rate", "window": "1m", "above": 30},
            },
            {
                "name": "of-one-category",
                "level": "degraded",
                "when": {"metric": "errors", "window": "1m", "above": 5, "category": "API"},
            },
        ]
    }
)


def an_incident() -> Timeline:
    timeline = Timeline()
    for second in range(600):
        timeline.handled(an_info(time=float(second), category="NETWORK" if second % 3 else "A<b>&"))
    timeline.event(LevelChanged(100.0, "full", "degraded", "many", "", {}))
    timeline.event(BreakerChanged(200.0, "api \x00<", BreakerState.CLOSED, BreakerState.OPEN, ""))
    timeline.event(AlertSent(300.0, "critical", "ops", "text", 0, None))
    return timeline


def pixel(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def drawn(timeline: Timeline, options: DegradationOptions = POLICY) -> ElementTree.Element:
    return ElementTree.fromstring(plot(timeline, options, "svg"))


def texts(svg: ElementTree.Element) -> list[str | None]:
    return [text.text for text in svg.iter(f"{SVG}text")]


def test_the_picture_is_xml_that_names_itself_and_says_what_it_shows() -> None:
    svg = drawn(an_incident())
    assert svg.tag == f"{SVG}svg"
    assert svg.findtext(f"{SVG}title") == "Errors over time"
    assert (svg.findtext(f"{SVG}desc") or "").startswith("600 errors from 1970-01-01 00:00:00")


def test_errors_levels_breakers_and_alerts_share_the_picture() -> None:
    shown = texts(drawn(an_incident()))
    assert "NETWORK 400" in shown
    assert "A<b>& 200" in shown
    assert "breaker api \u2400<" in shown
    assert {"degraded", "OPEN", "alerts 1"} <= set(shown)


def test_the_threshold_of_a_rate_of_all_errors_is_drawn_and_no_other() -> None:
    shown = [text for text in texts(drawn(an_incident())) if text and "above" in text]
    assert shown == ["many: above 30 a minute"]


def the_label(seconds: range) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    """The label of the threshold, and the bars, of 60 errors in each of these seconds within ten minutes."""
    timeline = Timeline()
    timeline.handled(an_info(time=0.0, category="NETWORK"))
    timeline.handled(an_info(time=599.0, category="NETWORK"))
    for second in seconds:
        for _ in range(60):
            timeline.handled(an_info(time=float(second), category="NETWORK"))
    svg = drawn(timeline)
    (label,) = (text for text in svg.iter(f"{SVG}text") if (text.text or "").startswith("many: above"))
    return label, [bar for bar in svg.iter(f"{SVG}rect") if bar.get("class") == "c0"]


@pytest.mark.parametrize("seconds", [range(100), range(30, 60), range(200, 220), range(580, 599)])
def test_the_label_of_a_threshold_lies_across_no_bar(seconds: range) -> None:
    label, bars = the_label(seconds)
    left, bottom = float(label.get("x", 0)), float(label.get("y", 0))
    right = left + 7 * len(label.text or "")
    for bar in bars[:-1]:
        over = float(bar.get("y", 0)) < bottom
        x, wide = float(bar.get("x", 0)), float(bar.get("width", 0))
        assert not over or x + wide <= left or x >= right


def test_the_label_of_a_threshold_stands_in_the_legend_where_bars_are_everywhere() -> None:
    label, bars = the_label(range(600))
    assert float(label.get("y", 0)) < min(float(bar.get("y", 0)) for bar in bars[:-1])


def test_the_bars_are_as_high_as_the_counts() -> None:
    timeline = Timeline()
    for time, count in ((0.0, 10), (5.0, 5)):
        for _ in range(count):
            timeline.handled(an_info(time=time, category="API"))
    bars = (rect for rect in drawn(timeline).iter(f"{SVG}rect") if rect.get("class") == "c0")
    high, low, _in_the_legend = (float(rect.get("height", 0)) for rect in bars)
    assert high == pytest.approx(2 * low, rel=0.02)


def test_without_a_time_the_picture_says_so() -> None:
    timeline = Timeline()
    timeline.handled(an_info(time=None))
    assert texts(drawn(timeline)) == ["No error that has a time."]


@pytest.mark.skipif(find_spec("PIL") is None, reason="Pillow, the extra plot, is not installed")
def test_the_png_is_the_svg_in_twice_the_pixels() -> None:
    from PIL import Image

    timeline = an_incident()
    written = plot(timeline, POLICY, "png")
    width, height = struct.unpack(">II", written[16:24])
    svg = drawn(timeline)
    assert (width, height) == (2 * int(svg.get("width", 0)), 2 * int(svg.get("height", 0)))
    image = Image.open(io.BytesIO(written)).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 20) or []}
    assert {pixel(LIGHT[name]) for name in ("c0", "c1", "s1")} <= colours


def test_a_png_without_its_extra_is_refused_before_anything_is_read(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(png, "find_spec", lambda _: None)
    assert main(["replay", str(BOT), "--plot", str(tmp_path / "errors.png")]) == 2
    printed = capsys.readouterr()
    assert "PNG needs an extra: pip install 'policy-engine[plot]'" in printed.err
    assert not printed.out
    assert not (tmp_path / "errors.png").exists()


def test_a_picture_of_another_kind_is_refused(tmp_path, capsys) -> None:
    assert main(["replay", str(BOT), "--plot", str(tmp_path / "errors.gif")]) == 2
    assert "a picture's name ends in .svg or .png" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path, capsys) -> None:
    assert main(["replay", str(BOT), "--html", str(tmp_path / "none" / "page.html")]) == 2
    printed = capsys.readouterr()
    assert "no such file or directory" in printed.err
    assert not printed.out


def test_the_command_writes_page_and_picture_beside_what_it_prints(tmp_path, capsys) -> None:
    arguments = ["--html", str(tmp_path / "page.html"), "--plot", str(tmp_path / "errors.svg")]
    assert main(["replay", str(BOT), "--json", *arguments]) == 0
    errors = json.loads(capsys.readouterr().out)["errors"]
    svg = ElementTree.fromstring((tmp_path / "errors.svg").read_bytes())
    assert (svg.findtext(f"{SVG}desc") or "").startswith(f"{errors:,} errors")
    assert f"<dd>{errors:,}</dd>" in (tmp_path / "page.html").read_text(encoding="utf-8")
