"""``policy-engine errors`` and ``report``: what a store tells, in words, as a page, as data."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from reports.parsed_page import ParsedPage

from policy_engine import CallRefusedError, Engine, VirtualClock, load_policy
from policy_engine.cli import main

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
HOSTILE = "<script>alert(1)</script>\n2026-01-01 ERROR forged | `x` \x1b[31m[link](http://evil.example)"
DAY = ("--since", "2026-03-01", "--until", "2026-03-02")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A policy and the store of a service that ran for two days: a broken payment provider, a locked database."""
    folder = tmp_path_factory.mktemp("shop")
    policy, store = folder / "policy.toml", folder / "errors.db"
    policy.write_text(
        f"""
extends = ["@shipped"]
store = {{ kind = "sqlite", path = "{store}" }}
breakers.payments = {{ failure_threshold = 3, recovery_timeout = "10m" }}
calls.payments = {{ breaker = "payments", retry = {{ attempts = 2 }} }}
recovery.strategies = [
  {{ name = "reopen", match = {{ category = "DATABASE" }}, steps = [{{ action = "call", function = "reopen" }}] }},
]
""",
        encoding="utf-8",
    )
    clock = VirtualClock(NOON - 86_400)
    engine = Engine(load_policy(policy), clock=clock, random=Random(1))
    engine.register("reopen", lambda *_: None)
    _handle(engine, sqlite3.OperationalError("database is locked"))
    clock.advance(86_400)
    for _ in range(4):
        _handle(engine, sqlite3.OperationalError("database is locked"))
        clock.advance(600)
    for _ in range(5):
        try:
            engine.protect("payments").call(_hung_up, clock)
        except (ConnectionResetError, CallRefusedError):
            clock.advance(1)
    _handle(engine, type("ShopError", (Exception,), {"__module__": "shop"})(HOSTILE))
    assert engine.store is not None
    engine.store.close()
    return policy, store


def _handle(engine: Engine, error: Exception) -> None:
    try:
        raise error
    except Exception as caught:
        engine.handle(caught, module="orders", function="load")


def _hung_up(clock: VirtualClock) -> None:
    clock.advance(0.5)
    raise ConnectionResetError("peer hung up")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(each) for each in arguments]) == 0
    return capsys.readouterr().out


def test_a_list_names_the_kinds_with_what_they_cost_and_what_is_new(files, capsys):
    listed = run(capsys, "errors", "list", "--store", files[1], *DAY)
    assert listed.startswith("8 errors of 3 kinds from 2026-03-01 00:00:00 to 2026-03-02 00:00:00 UTC\n")
    assert "the same time before: 1; kinds that are new: 2, back: 0" in listed
    database, network, unknown = listed.split("\n\n")[1:]
    assert "       4  DATABASE MEDIUM  sqlite3.OperationalError\n          database is locked" in database
    assert "4 times the 1 before" in database
    assert re.search(r"rule peer-unreachable, fingerprint [0-9a-f]{16}, none before, new\n", network)
    assert "cost 2 calls refused, 3 retries, " in network
    assert "no rule" in unknown


def test_what_came_with_an_error_moves_no_cursor_and_forges_no_line(files, capsys):
    shown = run(capsys, "errors", "list", "--store", files[1], *DAY)
    shown += run(capsys, "report", "--store", files[1], *DAY)
    assert "\x1b" not in shown
    assert not [line for line in shown.splitlines() if line.startswith("2026-01-01 ERROR forged")]


def test_neither_does_what_somebody_else_wrote_into_the_store(files, capsys, tmp_path):
    store = tmp_path / "errors.db"
    shutil.copy(files[1], store)
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE calls SET name = name || char(27) || '[2J'")
        connection.execute("UPDATE kinds SET fingerprint = fingerprint || char(27) || '[2J'")
        connection.execute("UPDATE series SET fingerprint = fingerprint || char(27) || '[2J'")
        (fingerprint,) = connection.execute("SELECT max(fingerprint) FROM kinds").fetchone()
    shown = run(capsys, "errors", "list", "--store", store, *DAY)
    shown += run(capsys, "errors", "stats", "--store", store, *DAY)
    shown += run(capsys, "errors", "show", "--store", store, *DAY, fingerprint)
    shown += run(capsys, "report", "--store", store, *DAY)
    assert "payments" in shown
    assert "\x1b" not in shown


def test_errors_are_selected_by_their_labels(files, capsys):
    for label, value, errors in (
        ("--category", "DATABASE", 4),
        ("--severity", "medium", 8),
        ("--module", "orders", 5),
        ("--type", "shop.ShopError", 1),
        ("--rule", "peer-unreachable", 3),
        ("--category", "NOBODY", 0),
    ):
        found = json.loads(run(capsys, "errors", "list", "--store", files[1], *DAY, label, value, "--json"))
        assert found["errors"] == errors, (label, value)
        assert sum(kind["errors"] for kind in found["kinds"]) == errors


def test_one_kind_is_shown_by_its_fingerprint_and_by_the_id_of_any_of_its_errors(files, capsys):
    listed = json.loads(run(capsys, "errors", "list", "--store", files[1], *DAY, "--json"))
    kind = next(each for each in listed["kinds"] if each["example"]["category"] == "DATABASE")
    shown = json.loads(run(capsys, "errors", "show", "--store", files[1], kind["fingerprint"], *DAY, "--json"))
    assert shown["errors"] == 5
    assert shown["errors_in_window"] == 4
    assert sum(shown["per_hour"].values()) == 4
    assert len(shown["newest"]) == 4
    assert [each["status"] for each in shown["recoveries"]] == ["succeeded"] * 4
    for error in shown["newest"]:
        asked = json.loads(run(capsys, "errors", "show", "--store", files[1], error["id"], *DAY, "--json"))
        assert asked["fingerprint"] == kind["fingerprint"]
        assert asked["asked_for"]["id"] == error["id"]
    text = run(capsys, "errors", "show", "--store", files[1], kind["fingerprint"], *DAY)
    assert re.search(r"severity +MEDIUM +category DATABASE", text)
    assert 'rule "store-contention"' in text
    assert "recoveries:\n  2026-03-01 12:00:00  reopen succeeded after" in text


def test_statistics_have_the_words_of_a_running_engine(files, capsys):
    policy, store = files
    engine = Engine(load_policy(policy), clock=VirtualClock(NOON + 43_200))
    asked = {"since": "2026-03-01", "until": "2026-03-02", "by": "rule", "per": "hour"}
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    printed = json.loads(run(capsys, "errors", "stats", "--store", store, *options, "--json"))
    assert printed == json.loads(json.dumps(engine.statistics(**asked)))
    assert engine.store is not None
    engine.store.close()


def test_a_report_says_what_failed_what_was_tried_and_what_it_cost(files, capsys):
    text = run(capsys, "report", "-p", files[0], *DAY)
    assert text.startswith("# ")
    for line in (
        "| `DATABASE` | 4 | 1 | 0 | 0 | 4 | 0 |",
        "- recovery `reopen`: 4 succeeded",
        "- circuit breaker `payments`: opened 1 time, first at 2026-03-01 12:40:",
        "2 calls refused, 3 retries",
        "| `payments` | 3 | 3 (100%) | 2 |",
    ):
        assert line in text, line


def test_in_markdown_hostile_text_stays_text(files, capsys):
    text = run(capsys, "report", "--store", files[1], *DAY)
    outside = re.sub(r"(`+) ?.*?[^`]\1(?!`)", "", text)
    assert "<script>" not in outside
    assert "evil.example" not in outside


def test_a_page_says_the_same_and_shows_hostile_text_as_text(files, capsys, tmp_path):
    page = tmp_path / "report.html"
    assert run(capsys, "report", "--store", files[1], *DAY, "--html", page) == f"8 errors of 3 kinds: {page}\n"
    html = page.read_text(encoding="utf-8")
    parsed = ParsedPage(html)
    text = " ".join(parsed.text.split()) if isinstance(parsed.text, str) else html
    assert "<script>" not in html
    for words in ("How it changed", "What was done", "What it cost", "reopen: 4 succeeded", "payments opened 1 time"):
        assert words in text, words
    again = tmp_path / "again.html"
    run(capsys, "report", "--store", files[1], *DAY, "--html", again)
    assert again.read_bytes() == page.read_bytes()


def test_a_period_without_an_error_says_so(files, capsys, tmp_path):
    nothing = ("--since", "2026-01-01", "--until", "2026-01-02")
    assert run(capsys, "report", "--store", files[1], *nothing).startswith("# No error from 2026-01-01 00:00:00 to ")
    assert run(capsys, "errors", "list", "--store", files[1], *nothing).startswith("0 errors of 0 kinds from ")
    assert run(capsys, "errors", "stats", "--store", files[1], *nothing).startswith("0 errors from ")
    run(capsys, "report", "--store", files[1], *nothing, "--html", tmp_path / "page.html")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list"], "no store is named: give --store FILE, or -p POLICY with a [store] of kind sqlite"),
        (["list", "--store", "{folder}/none.db"], "there is no such file: a service with [store] writes it"),
        (["list", "--store", "{store}", "--since", "soon"], 'not a time: "soon"'),
        (["list", "--store", "{store}", "--since", "2026-13-01"], 'not a time: "2026-13-01"'),
        (["list", "--store", "{store}", "--since", "1h", "--until", "2h"], 'nothing lies between "1h" and "2h"'),
        (["show", "--store", "{store}", "0000"], "the store holds no error with this fingerprint or id"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_line(files, capsys, tmp_path, arguments, words):
    filled = [each.format(folder=tmp_path, store=files[1]) for each in arguments]
    assert main(["errors", *filled]) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
