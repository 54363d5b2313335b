"""``replay --html``: a page that says what the summary says, stands alone, and shows hostile texts as texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from reports.parsed_page import ParsedPage

from policy_engine.cli import main

BOT = Path(__file__).parents[2] / "examples" / "recorded" / "bot.log"

NONE = "\u2013"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></pre><b>bold",
    "<!-- --> ]]> &amp; &lt;",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "url(http://evil.example/x.png)",
    "x" * 9000,
]


def page_of(tmp_path: Path, capsys: pytest.CaptureFixture[str], *records: dict[str, object]) -> str:
    source = tmp_path / "errors.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    policy = tmp_path / "policy.toml"
    policy.write_text("schema_version = 1\n", encoding="utf-8")
    return written(tmp_path, capsys, source, "-p", policy)


def written(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["replay", *map(str, arguments), "--html", str(tmp_path / "page.html")]) == 0
    capsys.readouterr()
    return (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, object]]:
    folder = tmp_path_factory.mktemp("bot")
    page, decisions = folder / "page.html", folder / "each.jsonl"
    assert main(["replay", str(BOT), "--html", str(page), "--each", str(decisions)]) == 0
    rows = [json.loads(line) for line in decisions.read_text(encoding="utf-8").splitlines()]
    return page.read_text(encoding="utf-8"), {"rows": rows}


def test_the_headline_says_what_failed_and_since_when(bot) -> None:
    (title,) = ParsedPage(bot[0]).inside("h1")
    assert title.startswith("NETWORK")
    assert title.endswith(" errors from 13:23:00 to 13:31:00 UTC")


def test_the_page_has_its_sections_in_the_order_in_which_they_are_asked_for(bot) -> None:
    assert ParsedPage(bot[0]).inside("h2") == [
        "What failed, and how badly",
        "Most frequent kinds of error",
        "CRITICAL errors",
        "What no rule claimed",
        "What the policy would have done",
        "What was read",
    ]


def test_the_table_counts_what_the_decisions_count(bot) -> None:
    html, decided = bot
    severities = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
    expected = {}
    for row in decided["rows"]:
        counts = expected.setdefault(row["category"], dict.fromkeys(severities, 0))
        counts[row["severity"]] += 1
    *rows, total = ParsedPage(html).table("category")
    shown = {row[0].split("\n")[0].strip(): [int(cell.strip().replace(NONE, "0")) for cell in row[1:6]] for row in rows}
    for category, counts in expected.items():
        (name,) = (each for each in shown if each.startswith(category))
        assert shown[name] == [*counts.values(), sum(counts.values())]
    assert len(shown) == len(expected)
    assert total[5] == str(len(decided["rows"]))


def test_the_timeline_in_figures_adds_up_to_all_errors(bot) -> None:
    rows = ParsedPage(bot[0]).table("from")
    assert sum(int(row[1].replace(",", "")) for row in rows) == len(bot[1]["rows"])


def test_a_kind_shows_which_rule_decided_at_which_line_and_what_matched(bot) -> None:
    page = ParsedPage(bot[0])
    assert "Connect call failed" in page.inside("mark")
    assert re.search(r"rule [\w-]+ \(policies/[\w-]+\.toml:\d+\)", page.text)


def test_the_page_loads_nothing_and_runs_nothing(bot) -> None:
    page = ParsedPage(bot[0])
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "style")]
    (policy,) = (value for tag, name, value in page.attributes if tag == "meta" and value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "url(" not in "".join(page.inside("style"))


def test_the_drawings_say_in_words_what_they_show(bot) -> None:
    page = ParsedPage(bot[0])
    described = [value for tag, name, value in page.attributes if tag == "svg" and name == "aria-labelledby"]
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert described
    assert {each for value in described for each in value.split()} <= ids
    assert any("Most between 13:23:00 and 13:31:00: 387 errors." in text for text in page.inside("desc"))


def test_every_id_is_there_once(bot) -> None:
    ids = [value for _, name, value in ParsedPage(bot[0]).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_same_input_gives_the_same_page(bot, tmp_path, capsys) -> None:
    assert written(tmp_path, capsys, BOT) == bot[0]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_shown_as_text_wherever_it_stands(text: str, tmp_path, capsys) -> None:
    record = {
        "type": text,
        "message": text,
        "time": 1_772_000_000,
        "module": text,
        "function": text,
        "context": {text[:50]: text},
        "cause": [{"type": text, "message": text}],
        "traceback": f'Traceback (most recent call last):\n  File "{text}", line 1, in {text}\nValueError: {text}',
    }
    page = ParsedPage(page_of(tmp_path, capsys, record))
    assert not page.tags & {"script", "img", "b", "link"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert text[:100] in page.text


def test_controls_are_shown_and_the_direction_of_the_page_is_its_own(tmp_path, capsys) -> None:
    html = page_of(tmp_path, capsys, {"type": "E", "message": "a\u202eb\x00c\x1b[31m \u05e9\u05dc\u05d5\u05dd"})
    assert not {"\u202e", "\x00", "\x1b"} & set(html)
    assert "\u05e9\u05dc\u05d5\u05dd" in html
    assert 'class="message" dir="auto"' in html


def test_times_at_both_ends_of_the_calendar_have_a_page(tmp_path, capsys) -> None:
    times = ("0001-01-01T00:00:00Z", "2026-03-03T10:00:00Z", "9999-12-31T23:59:59Z")
    page = ParsedPage(page_of(tmp_path, capsys, *({"type": "E", "message": "bad", "time": time} for time in times)))
    assert page.inside("h1") == ["UNKNOWN errors throughout, from 0001-01-01 00:00:00 to 9999-12-31 23:59:59 UTC"]


def test_errors_without_times_give_a_page_without_a_timeline(tmp_path, capsys) -> None:
    page = ParsedPage(page_of(tmp_path, capsys, *({"type": "ValueError", "message": "bad"} for _ in range(3))))
    assert page.inside("h1") == ["3 errors: UNKNOWN"]
    assert "figure" not in page.tags


def test_a_log_without_an_error_says_so(tmp_path, capsys) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-03-03 10:00:00,000 INFO app all is well\n" * 3, encoding="utf-8")
    assert ParsedPage(written(tmp_path, capsys, log)).inside("h1") == ["No error in 3 lines"]


def test_an_error_that_no_rule_claims_shows_what_the_nearest_rule_lacked(tmp_path, capsys) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'schema_version = 1\n[categories.DATABASE]\n[[rules]]\nname = "locked"\ncategory = "DATABASE"\n'
        'match = { exception = "sqlite3.OperationalError", message.contains = "locked" }\n',
        encoding="utf-8",
    )
    source = tmp_path / "errors.jsonl"
    source.write_text('{"type": "sqlite3.OperationalError", "message": "disk I/O error"}\n', encoding="utf-8")
    page = ParsedPage(written(tmp_path, capsys, source, "-p", policy))
    assert "1 error of 1. Where a rule comes near, it says what that rule lacks." in page.text
    assert "wants locked; found disk I/O error" in page.text


def test_thirty_categories_share_seven_colours_and_a_grey(tmp_path, capsys) -> None:
    policy = tmp_path / "policy.toml"
    names = [f"CATEGORY_{number:02}" for number in range(30)]
    policy.write_text(
        "schema_version = 1\n"
        + "".join(f"[categories.{name}]\n" for name in names)
        + "".join(
            f'[[rules]]\nname = "{name}"\ncategory = "{name}"\nmatch.message.contains = "{name}"\n' for name in names
        ),
        encoding="utf-8",
    )
    source = tmp_path / "errors.jsonl"
    source.write_text(
        "".join(
            json.dumps({"type": "E", "message": name, "time": 1_772_000_000 + 30 * rank}) + "\n"
            for rank, name in enumerate(names)
        ),
        encoding="utf-8",
    )
    page = ParsedPage(written(tmp_path, capsys, source, "-p", policy))
    colours = {value for tag, name, value in page.attributes if tag == "rect" and name == "class"}
    assert {f"c{rank}" for rank in range(7)} | {"other"} <= colours
    assert "c7" not in colours
    assert "all others 23" in page.inside("text")
    assert len(page.table("category")) == 31


def test_a_message_of_many_lines_is_cut_and_the_whole_is_one_click_away(tmp_path, capsys) -> None:
    message = "\n".join(f"row {number}" for number in range(80))
    page = page_of(tmp_path, capsys, {"type": "m.E", "message": message, "time": "2026-03-03T13:24:00Z"})
    shown = page[page.index('<p class="message"') : page.index("<summary>The whole message: 80 lines")]
    assert "row 5" in shown
    assert "row 6" not in shown
    assert "row 79</pre>" in page


def test_a_single_error_is_told_as_one(tmp_path, capsys) -> None:
    page = page_of(tmp_path, capsys, {"type": "m.E", "message": "m", "time": "2026-03-03T13:24:00Z"})
    assert ParsedPage(page).inside("h1") == ["One UNKNOWN error, at 2026-03-03 13:24:00 UTC"]


def test_the_page_names_the_adjustment_that_moved_a_severity_and_its_line(tmp_path, capsys) -> None:
    source, policy = tmp_path / "errors.jsonl", tmp_path / "policy.toml"
    source.write_text('{"type": "m.E", "message": "m"}\n', encoding="utf-8")
    policy.write_text('[[severity.adjust]]\nname = "always"\nraise_to = "CRITICAL"\n', encoding="utf-8")
    page = written(tmp_path, capsys, source, "-p", policy)
    assert re.search(r"<dt>severity CRITICAL</dt><dd>adjustment &#34;always&#34; \([^)]*policy.toml:2\)", page)
