"""The page in a real browser, where one is found: it fits a phone, and its style sheet is the one it allows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policy_engine.cli import main
from policy_engine.reports.palette import DARK, LIGHT

BOT = Path(__file__).parents[2] / "examples" / "recorded" / "bot.log"
NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--allow-file-access-from-files", "--virtual-time-budget=5000", "--window-size=1400,1000"),
)
LOOK = """<!doctype html><title>waiting</title><iframe src="page.html" width="{width}" height="800"></iframe><script>
document.querySelector("iframe").onload = event => {{
  const page = event.target.contentDocument, of = (element, name) => getComputedStyle(element)[name];
  document.title = JSON.stringify({{
    hidden: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    ground: of(page.body, "backgroundColor"),
    wide: of(page.querySelector("figure .wide"), "display"),
    bar: of(page.querySelector("rect.c0"), "fill"),
    table: page.querySelector(".matrix").scrollWidth - page.querySelector(".matrix").parentElement.clientWidth,
    names: Math.max(...[...page.querySelectorAll(".matrix bdi")].map(name => name.getClientRects().length)),
  }});
}};
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    long = folder / "long.jsonl"
    time, context = "2026-03-03T13:24:00Z", {"k" * 90: "z" * 900}
    record = {"type": "x" * 300, "message": "y" * 5000, "time": time, "context": context}
    refused = {"type": "acme.Refused", "message": "authentication failed", "time": time}
    long.write_text(json.dumps(record) + "\n" + json.dumps(refused) + "\n", encoding="utf-8")
    assert main(["replay", str(BOT), str(long), "--top", "100", "--html", str(folder / "page.html")]) == 0
    return folder


def look(folder: Path, width: int, *options: str) -> dict[str, object]:
    (folder / "look.html").write_text(LOOK.format(width=width), encoding="utf-8")
    command = [str(BROWSER), *OPTIONS, f"--user-data-dir={folder / 'profile'}", *options, "--dump-dom"]
    done = subprocess.run(
        [*command, (folder / "look.html").as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title is not None
    seen: dict[str, object] = json.loads(title[1])
    return seen


def seen_as(colour: str) -> str:
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


def test_a_phone_shows_the_page_without_scrolling_sideways(folder: Path) -> None:
    seen = look(folder, 390)
    assert (seen["hidden"], seen["wide"]) == (0, "none")


def test_a_phone_shows_every_column_of_the_categories_and_breaks_no_name(folder: Path) -> None:
    seen = look(folder, 390)
    assert (seen["table"], seen["names"]) == (0, 1)


def test_a_wide_screen_shows_the_wide_timeline_in_the_colours_of_the_page(folder: Path) -> None:
    seen = look(folder, 1280)
    assert (seen["hidden"], seen["wide"]) == (0, "block")
    assert (seen["ground"], seen["bar"]) == (seen_as(LIGHT["ground"]), seen_as(LIGHT["c0"]))


def test_a_reader_who_prefers_dark_gets_it_dark(folder: Path) -> None:
    seen = look(folder, 1280, "--blink-settings=preferredColorScheme=0")
    assert (seen["ground"], seen["bar"]) == (seen_as(DARK["ground"]), seen_as(DARK["c0"]))
