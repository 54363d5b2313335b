"""Log formats that plugins bring: what replay reads by them, and what is refused."""

from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, findings

from policy_engine import load_policy
from policy_engine.cli import main
from policy_engine.simulate import Input, replay

FORMAT = """
@hookimpl
def policy_engine_log_formats():
    return [LogFormat("acme.app", r"(?P<time>\\S+ \\S+) <(?P<level>\\w+)> (?P<message>.*)", ["FEHLER"])]
"""
LOG = "2026-03-01 12:00:00 <FEHLER> the printer is on fire\n2026-03-01 12:00:01 <INFO> all is well\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    a_plugin(tmp_path, FORMAT)
    a_policy_file(tmp_path, "")
    path = tmp_path / "app.log"
    path.write_text(LOG)
    return path


def test_a_log_tells_by_its_lines_that_it_is_in_a_plugin_s_format(log: Path) -> None:
    told = []

    summary = replay(
        load_policy(log.parent / "policy.toml"), [Input(str(log))], each=lambda found, info: told.append(info.message)
    )

    assert told == ["the printer is on fire"]
    assert summary.inputs[0].counts.formats == {"acme.app": 2}


def test_the_formats_of_others_are_still_known(log: Path) -> None:
    log.write_text(LOG + "2026-03-01 12:00:02,000 - shop - ERROR - no cart\n")

    summary = replay(load_policy(log.parent / "policy.toml"), [Input(str(log))])

    assert summary.counts.errors == 2


@pytest.mark.parametrize(("name", "code"), [("acme.app", 0), ("acme.ap", 2), ("python", 2)])
def test_replay_takes_its_name_and_no_unknown_one(
    name: str, code: int, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = str(log.parent / "policy.toml")

    assert main(["replay", "-p", policy, "--format", name, str(log)]) == code

    printed = capsys.readouterr()
    assert "1 error in 2 lines" in printed.out if code == 0 else name in printed.err


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        ("LogFormat('app', '(?P<message>.*)')", '"app" is no name for a log format'),
        ("LogFormat('acme.app', '.*')", "says nowhere what the message is"),
        ("LogFormat('acme.app', '(?=a)')", "RE2 refuses its pattern"),
        ("LogFormat('acme.app', '(?P<message>.*)', 'FEHLER')", "has levels that are no list of words"),
    ],
)
def test_a_format_that_reads_nothing_is_refused(brought: str, told: str, tmp_path: Path) -> None:
    a_plugin(tmp_path, f"@hookimpl\ndef policy_engine_log_formats():\n    return [{brought}]\n")

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert found.code == "PE406"
    assert told in found.message


@pytest.mark.parametrize(("name", "code"), [([], 0), (["acme.app"], 0), (["acme.ap"], 2)])
def test_diff_reads_what_either_policy_s_plugins_bring(
    name: list[str], code: int, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = log.parent / "without.toml"
    without.write_text("[categories.A]\n")
    options = ["--log-format", *name] if name else []

    assert main(["diff", str(without), str(log.parent / "policy.toml"), "--on", str(log), *options]) == code

    printed = capsys.readouterr()
    assert "of 1 error, " in printed.out if code == 0 else 'did you mean "acme.app"?' in printed.err
