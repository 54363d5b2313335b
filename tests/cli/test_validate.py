"""``policy-engine validate``: what it prints, and how it ends. Golden outputs are renewed by ``make golden``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from policy_engine.cli import main
from policy_engine.clock import VirtualClock
from policy_engine.compile import CheckResult
from policy_engine.policy import Diagnostic
from policy_engine.policy.shipped import policies_path

GOLDEN = Path(__file__).parents[1] / "golden" / "validate"
CASES = {
    "broken": ["broken.toml"],
    "characters": ["characters.toml"],
    "clean": ["clean.toml"],
    "no-toml": ["no-toml.toml"],
    "twice": ["twice-a.toml", "twice-b.toml"],
}
ENDINGS = {"text": "txt", "json": "json", "github": "github", "sarif": "sarif", "junit": "xml"}


def validate(*arguments: str) -> int:
    return main(["validate", *arguments])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", ENDINGS)
def test_the_output_is_the_golden_one(
    case: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(GOLDEN)
    monkeypatch.setattr("policy_engine.cli.validate.SystemClock", VirtualClock)
    code = validate("--format", form, *CASES[case])
    printed = capsys.readouterr()
    golden = GOLDEN / f"{case}.{ENDINGS[form]}"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(printed.out, "utf-8")
    assert printed.out == golden.read_text("utf-8")
    assert (code, printed.err) == (int(case != "clean"), "")


def test_a_clean_policy_says_how_much_was_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "[[rules]]\nname = '{0}'\nmatch.module = '{0}'\ncategory = 'UNKNOWN'\n"
    (tmp_path / "a.toml").write_text(rule.format("a") + rule.format("b"))
    (tmp_path / "b.toml").write_text(rule.format("c"))
    assert validate(str(tmp_path)) == 0
    assert capsys.readouterr().out == "2 files, 3 rules: no findings\n"
    assert validate(str(tmp_path / "b.toml")) == 0
    assert capsys.readouterr().out == "1 file, 1 rule: no findings\n"


@pytest.mark.parametrize("form", ENDINGS)
def test_an_empty_folder_is_a_finding(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate("--format", form, str(tmp_path)) == 1
    assert "PE106" in capsys.readouterr().out


def test_a_path_that_is_not_there_could_not_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nowhere.toml")
    assert validate(missing) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{missing}: error PE105 missing-path: ")
    assert validate("--format", "json", missing) == 2
    (finding,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (finding["code"], finding["file"], finding["line"]) == ("PE105", missing, None)


def test_a_warning_fails_only_where_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    warning = Diagnostic("PE206", "warning", "nobody uses this", "a.toml", None)
    monkeypatch.setattr(
        "policy_engine.cli.validate.check_layers", lambda *_, **__: CheckResult(None, None, (warning,), {"a.toml": ""})
    )
    assert validate("a.toml") == 0
    assert capsys.readouterr().out.endswith("1 file, 0 rules: 1 warning\n")
    assert validate("--strict", "a.toml") == 1


def test_json_of_a_clean_policy_has_no_diagnostics(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate("--format", "json", str(GOLDEN / "clean.toml")) == 0
    assert json.loads(capsys.readouterr().out) == {"diagnostics": []}


@pytest.mark.parametrize(("option", "codes"), [([], ["PE402"]), (["--no-plugins"], [])])
def test_no_code_of_a_plugin_runs_where_plugins_are_not_wanted(
    option: list[str], codes: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "acme.py").write_text("raise RuntimeError('ran')\n")
    (tmp_path / "a.toml").write_text(
        "plugins = ['./acme.py']\n[[recovery.strategies]]\nname = 's'\nmatch.exception = 'OSError'\n"
        "steps = [{ action = 'acme.heal' }]\n"
    )
    validate("--format", "json", *option, str(tmp_path / "a.toml"))
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [each["code"] for each in found] == codes


def test_a_plugin_brings_the_schema_of_its_own_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.py").write_text(
        "from policy_engine.plugins import Action, hookimpl\n"
        "SCHEMA = {'type': 'object', 'properties': {'pool': {'type': 'string'}}, 'required': ['pool'],\n"
        "          'additionalProperties': False}\n"
        "@hookimpl\n"
        "def policy_engine_actions():\n"
        "    return [Action('acme.heal', lambda context: True, SCHEMA)]\n"
    )
    (tmp_path / "a.toml").write_text(
        "plugins = ['./acme.py']\n[[recovery.strategies]]\nname = 's'\nmatch.exception = 'OSError'\n"
        "steps = [\n  { action = 'acme.heal', pol = 'main' },\n  { action = 'acme.heel' },\n]\n"
    )
    assert validate("--format", "json", str(tmp_path / "a.toml")) == 1
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [(each["code"], each["line"], each["column"], each["help"]) for each in found] == [
        ("PE111", 6, 27, 'did you mean "pool"?'),
        ("PE205", 7, 14, 'did you mean "acme.heal"?'),
    ]


def test_help_has_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        validate("--help")
    printed = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "policy-engine validate policies/" in printed
    assert "exit codes" in printed


def test_a_reader_that_leaves_early_ends_it_quietly() -> None:
    # amlint dies of a broken pipe here.
    command = f"'{sys.executable}' -m policy_engine validate '{GOLDEN / 'broken.toml'}' | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_output_into_a_file_has_no_colour(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    validate(str(GOLDEN / "broken.toml"))
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colour_unless_it_is_refused(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    validate(str(GOLDEN / "broken.toml"))
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_nothing_is_found_in_the_shipped_policies(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate("--strict", str(policies_path())) == 0
    assert capsys.readouterr().out.endswith(" rules: no findings\n")


@pytest.mark.parametrize("form", ENDINGS)
@pytest.mark.parametrize("broken", ["", "[bounds]\nqueue = 0\n"])
def test_a_secret_is_never_shown(form: str, broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "steps = [{ action = 'webhook', url = 'https://ops:hunter2@a.example/' }]\n"
    strategy = f"[[recovery.strategies]]\nname = 's'\nmatch.module = 'm'\n{steps}"
    (tmp_path / "a.toml").write_text(broken + strategy)
    validate("--format", form, str(tmp_path / "a.toml"))
    printed = capsys.readouterr().out
    assert "PE651" in printed
    assert "hunter2" not in printed


def test_a_plugin_file_is_looked_for_beside_the_file_that_lists_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = (
        "from policy_engine.plugins import Action, hookimpl\n"
        "@hookimpl\n"
        "def policy_engine_actions():\n"
        "    return [Action('{0}.heal', lambda context: True)]\n"
    )
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text(plugin.format(name))
        (tmp_path / name / f"{name}.toml").write_text(f"plugins = ['./{name}.py']\n")
    assert validate("--strict", str(tmp_path)) == 0, capsys.readouterr().out


def test_layers_are_checked_together_the_last_one_winning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, local = tmp_path / "base.toml", tmp_path / "local.toml"
    base.write_text('[categories.NETWORK]\n[[rules]]\nname = "r"\nmatch.exception = "OSError"\ncategory = "NETWORK"\n')
    local.write_text('[[rules]]\nname = "r"\ncategory = "NETWROK"\n')
    assert validate("-p", str(base), "-p", str(local)) == 1
    assert f'{local}:3:12: error PE203 unknown-category: unknown category "NETWROK"' in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["a.toml", "-p", "b.toml"]])
def test_paths_and_layers_are_not_mixed_and_one_of_them_is_needed(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert validate(*arguments) == 2
    assert "either PATHs, which are one policy, or a -p for each of its layers" in capsys.readouterr().err
