"""``policy-engine show``: one file that means the same as all layers. Golden outputs are renewed by ``make golden``."""

from __future__ import annotations

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from policy_engine.cli import main
from policy_engine.compile import check_policy
from policy_engine.policy import load, load_layers
from policy_engine.policy.shipped import policies_path
from policy_engine.policy.written import as_toml

GOLDEN = Path(__file__).parents[1] / "golden" / "show"
EVERYTHING = GOLDEN.parent / "validate" / "everything.toml"
CASES = {
    "extends": ["production"],
    "layers": ["-p", "base/20-breakers.toml", "-p", "base/10-rules.toml"],
}


@pytest.mark.parametrize("case", CASES)
def test_the_output_is_the_golden_one_and_a_valid_policy(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(GOLDEN)
    assert main(["show", *CASES[case]]) == 0
    printed = capsys.readouterr()
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(printed.out, "utf-8")
    assert (printed.out, printed.err) == (golden.read_text("utf-8"), "")
    (tmp_path / "policy.toml").write_text(printed.out, "utf-8")
    assert check_policy([tmp_path / "policy.toml"]).diagnostics == ()


@pytest.mark.parametrize("paths", [[GOLDEN / "production"], [EVERYTHING], [policies_path()]])
def test_what_is_shown_loads_to_the_same_policy(paths: list[Path], tmp_path: Path) -> None:
    shown = load(paths).document
    assert shown is not None
    (tmp_path / "policy.toml").write_text(as_toml(shown), "utf-8")
    again = load([tmp_path / "policy.toml"])
    assert again.diagnostics == ()
    assert again.document is not None
    assert again.document.data == with_full_paths(shown.data)


def with_full_paths(data: dict[str, Any]) -> dict[str, Any]:
    """What a policy says, its files of keys named so that they are found from anywhere."""
    data = deepcopy(data)
    for key in data.get("privacy", {}).get("pseudonymise", {}).get("previous", ()):
        key["key_file"] = str(EVERYTHING.with_name(key["key_file"]))
    return data


def test_odd_names_of_files_and_entries_stay_in_their_comment_and_key(tmp_path: Path) -> None:
    file = tmp_path / "a\n[breakers.x]\n.toml"
    file.write_text('[calls."a.b\\"c"]\ntimeout = \'1s\'\n', "utf-8")
    document = load([file]).document
    assert document is not None
    (tmp_path / "shown.toml").write_text(as_toml(document), "utf-8")
    again = load([tmp_path / "shown.toml"]).document
    assert again is not None
    assert again.data == {"calls": {'a.b"c': {"timeout": "1s"}}}


def test_a_plugin_s_file_is_named_by_its_full_path(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("plugins = ['./mine.py', 'installed']\n[bounds]\n", "utf-8")
    document = load_layers([[tmp_path / "a.toml"]]).document
    assert document is not None
    assert f'"{tmp_path}/mine.py",\n    "installed",' in as_toml(document)


def test_a_policy_with_an_error_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text("[bounds]\nqeue = 1\n", "utf-8")
    assert main(["show", str(tmp_path / "a.toml")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a.toml:2:1: error PE111" in printed.err


def test_layers_and_paths_are_not_given_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "a", "-p", "b"]) == 2
    assert "either" in capsys.readouterr().err
