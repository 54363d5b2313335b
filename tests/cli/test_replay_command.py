"""``policy-engine replay``: what it prints, and how it ends. Golden outputs are renewed by ``make golden``."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from policy_engine.cli import main
from policy_engine.simulate.formats.custom import GROUPS

GOLDEN = Path(__file__).parents[1] / "golden" / "replay"
INPUTS = ["shop.log", "errors.jsonl"]


def replay(*arguments: str) -> int:
    return main(["replay", "-p", str(GOLDEN / "policy.toml"), *arguments])


def run(*arguments: str, data: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "policy_engine", "replay", *arguments],
        input=data,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("options", "ending"), [((), "txt"), (("--json",), "json"), (("--top", "1"), "top.txt")])
def test_the_output_is_the_golden_one(options, ending, monkeypatch, capsys):
    monkeypatch.chdir(GOLDEN)
    code = main(["replay", "-p", "policy.toml", *options, *INPUTS])
    printed = capsys.readouterr()
    golden = GOLDEN / f"shop.{ending}"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(printed.out, "utf-8")
    assert printed.out == golden.read_text("utf-8")
    assert (code, printed.err) == (0, "")


def test_each_error_has_its_decision_in_order(monkeypatch, tmp_path):
    monkeypatch.chdir(GOLDEN)
    file = tmp_path / "each.jsonl"
    assert main(["replay", "-p", "policy.toml", "--each", str(file), *INPUTS]) == 0
    golden = GOLDEN / "shop.each.jsonl"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(file.read_text("utf-8"), "utf-8")
    assert file.read_text("utf-8") == golden.read_text("utf-8")


def test_a_gzipped_file_and_standard_input_are_read_alike(tmp_path):
    text = (GOLDEN / "shop.log").read_bytes()
    (tmp_path / "shop.log.gz").write_bytes(gzip.compress(text))
    policy = str(GOLDEN / "policy.toml")
    packed = json.loads(run("-p", policy, "--json", str(tmp_path / "shop.log.gz")).stdout)
    piped = json.loads(run("-p", policy, "--json", "-", data=text).stdout)
    assert packed["errors"] == piped["errors"] == 8
    assert packed["by_category"] == piped["by_category"]


def test_without_a_policy_the_shipped_one_runs(capsys):
    assert main(["replay", str(GOLDEN / "shop.log")]) == 0
    assert "rules that claimed errors: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such.log"], "no-such.log: no such file"),
        ([str(GOLDEN)], f"{GOLDEN}: this is a folder: name the files in it"),
        (["--each", "/no/such/folder/file", str(GOLDEN / "shop.log")], "--each /no/such/folder/file: no such file"),
        (["--error-when", "(", str(GOLDEN / "shop.log")], "--error-when (: missing ): ("),
        (
            ["--line-regex", "(?P<message>", str(GOLDEN / "shop.log")],
            "--line-regex (?P<message>: missing ): (?P<message>",
        ),
        (
            ["--format", "syslog", "--line-regex", "(?P<message>.*)", str(GOLDEN / "shop.log")],
            "--line-regex is a format of your own: it cannot be combined with --format syslog",
        ),
        (
            ["--line-regex", "a", str(GOLDEN / "shop.log")],
            "--line-regex a: it needs a group (?P<message>...); further groups may be " + ", ".join(GROUPS[:-1]),
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_in_2(arguments, says, capsys):
    assert replay(*arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"policy-engine: {says}\n")


def test_a_missing_file_is_found_before_anything_is_replayed(tmp_path, capsys):
    each = tmp_path / "each.jsonl"
    assert replay("--each", str(each), str(GOLDEN / "shop.log"), str(tmp_path / "missing")) == 2
    assert not each.exists()


def test_an_empty_input_is_never_a_success(tmp_path, capsys):
    (tmp_path / "empty.log").write_text("")
    assert replay(str(GOLDEN / "shop.log"), str(tmp_path / "empty.log")) == 2
    printed = capsys.readouterr()
    assert "8 errors" in printed.out
    assert printed.err == f"policy-engine: {tmp_path / 'empty.log'}: it is empty: there is nothing to replay\n"


def test_a_damaged_gzip_file_that_gives_no_line_is_told_of_once(tmp_path, capsys):
    (tmp_path / "shop.log.gz").write_bytes(gzip.compress(b"x")[:11])
    code = main(["replay", str(tmp_path / "shop.log.gz")])
    printed = capsys.readouterr().err
    assert (code, printed.count("\n")) == (2, 1)
    assert "damaged or cut short" in printed


def test_a_damaged_gzip_file_is_read_as_far_as_it_goes_and_said(tmp_path, capsys):
    whole = gzip.compress((GOLDEN / "shop.log").read_bytes() * 50)
    (tmp_path / "cut.gz").write_bytes(whole[:-20])
    assert replay(str(tmp_path / "cut.gz")) == 2
    printed = capsys.readouterr()
    assert " errors in " in printed.out
    assert "its gzip stream is damaged or cut short" in printed.err


@pytest.mark.parametrize("option", ["--each", "--html", "--plot"])
def test_an_output_that_is_an_input_is_refused_before_it_is_emptied(option, tmp_path, capsys):
    log, link = tmp_path / "app.log", tmp_path / "link.svg"
    log.write_text("ERROR:root:boom\n", encoding="utf-8")
    link.symlink_to(log)
    assert main(["replay", option, str(link), str(log)]) == 2
    assert "is one of the inputs" in capsys.readouterr().err
    assert log.read_text(encoding="utf-8") == "ERROR:root:boom\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full, which Linux has")
def test_a_full_disk_is_said_in_one_line(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("ERROR:root:boom\n", encoding="utf-8")
    done = run("--each", "/dev/full", str(log))
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == ["policy-engine: cannot write the output: no space left on device"]


def test_an_invalid_policy_ends_in_2_with_its_findings(tmp_path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rules]]\nname = "a"\nmatch.exception = "E"\ncategory = "NETWROK"\n')
    assert main(["replay", "-p", str(policy), str(GOLDEN / "shop.log")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{policy}:4:12: error PE203" in printed.err


def test_logs_without_levels_are_served_by_a_regex(tmp_path, capsys):
    (tmp_path / "plain.log").write_text("all well\nconnection refused by host\n")
    assert replay("--json", "--error-when", "refused", str(tmp_path / "plain.log")) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["errors"], data["by_category"]) == (1, {"NETWORK": {"MEDIUM": 1}})


def test_a_line_format_can_be_given(tmp_path, capsys):
    (tmp_path / "own.log").write_text("1714564800|ERROR|connection refused\n1714564801|INFO|fine\n")
    regex = r"(?P<time>\d+)\|(?P<level>\w+)\|(?P<message>.*)"
    assert replay("--json", "--line-regex", regex, str(tmp_path / "own.log")) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["errors"], data["other"], data["formats"]) == (1, 1, {"custom": 2})
    assert data["rate"]["first"] == "2024-05-01T12:00:00+00:00"


def test_times_that_cannot_be_read_are_said_to_be_so(tmp_path, capsys):
    log = tmp_path / "own.log"
    log.write_text("noon|ERROR|down\nlater|ERROR|down\n")
    regex = r"(?P<time>\w+)\|(?P<level>\w+)\|(?P<message>.*)"
    assert replay("--line-regex", regex, str(log)) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "judged alone, without a time: 2" in printed
    assert 'times that could not be read: 2, such as "noon"' in printed
    assert replay("--json", "--line-regex", regex, str(log)) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["unread_times"], data["unread_time"], data["inputs"][0]["unread_times"]) == (2, "noon", 2)


def test_a_format_can_be_forced_and_ends_in_2_where_nothing_is_in_it(capsys):
    assert replay("--json", "--format", "record", str(GOLDEN / "shop.log")) == 2
    printed = capsys.readouterr()
    data = json.loads(printed.out)
    assert (data["errors"], data["unparsed"]) == (0, 24)
    assert printed.err == f"policy-engine: {GOLDEN / 'shop.log'}: no line of it is in the format record\n"


def test_a_file_of_which_nothing_is_known_is_no_success_and_the_options_that_help_are_named(tmp_path, capsys):
    (tmp_path / "odd.log").write_text("12:00 starting\n12:01 could not connect\n")
    assert replay(str(tmp_path / "odd.log")) == 2
    printed = capsys.readouterr()
    assert "lines: 0 of errors, 0 no error, 2 not parsed" in printed.out
    assert "no line of it is in a known format" in printed.err
    assert {"--format", "--line-regex", "--error-when"} <= {word.strip(",:\n") for word in printed.err.split()}


def test_an_empty_input_alone_prints_no_report(tmp_path, capsys):
    (tmp_path / "empty.log").write_text("")
    assert replay(str(tmp_path / "empty.log")) == 2
    assert capsys.readouterr().out == ""


def test_a_dash_writes_the_decisions_to_standard_output_and_the_summary_beside_them(capsys):
    assert replay("--each", "-", str(GOLDEN / "errors.jsonl")) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["id"] for line in printed.out.splitlines()] == [1, "b-2", 3]
    assert printed.err.startswith("3 errors in 4 lines")


def test_a_number_that_is_none_is_said_in_plain_words(capsys):
    with pytest.raises(SystemExit) as ended:
        replay("--top", "x", str(GOLDEN / "shop.log"))
    assert ended.value.code == 2
    assert 'argument --top: "x" is no number: give 0 or more' in capsys.readouterr().err


def test_the_kinds_that_no_rule_claimed_are_listed_with_their_newest_message(tmp_path, capsys):
    records = [{"type": "Odd", "message": f"strange thing {number}"} for number in range(3)]
    (tmp_path / "odd.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    assert replay(str(tmp_path / "odd.jsonl")) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("errors that no rule claimed: 3, of 1 kind")
    assert lines[at + 1] == "       3  Odd: strange thing 2"


def test_what_did_not_happen_is_said(tmp_path, capsys):
    (tmp_path / "one.jsonl").write_text(json.dumps({"type": "Odd"}))
    assert replay(str(tmp_path / "one.jsonl")) == 0
    printed = capsys.readouterr().out
    for line in (
        'level: "full" throughout',
        "circuit breakers: no changes",
        "recoveries that would have run: none",
        "alerts that would have been sent: none",
    ):
        assert line in printed.splitlines()


def test_a_text_that_moves_the_cursor_does_not(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text(json.dumps({"type": "E", "message": "bad\x1b[2J\x07 \u202e text"}))
    assert replay(str(tmp_path / "a.jsonl")) == 0
    printed = capsys.readouterr().out
    assert "bad" in printed
    assert not {"\x1b", "\x07", "\u202e"} & set(printed)


def test_output_is_utf_8_whatever_the_locale(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"type": "E", "message": "größer"}))
    done = run(str(tmp_path / "a.jsonl"), LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert "größer" in done.stdout.decode("utf-8")


def test_nothing_is_drawn_where_standard_error_is_no_terminal():
    assert run(str(GOLDEN / "shop.log")).stderr == b""
