"""Environment variables: replaced in parsed values, where the schema allows it, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policy_engine.policy import load
from policy_engine.policy.durations import PATTERN
from policy_engine.policy.files import SourceFile
from policy_engine.policy.schema import validator
from policy_engine.policy.variables import substituted, takes_variables
from policy_engine.policy.written import as_toml
from policy_engine.simulate.diff import compare_meaning


def calls(text: str, **environment: str) -> Any:
    """The timeout that the text makes, and the codes found."""
    file = SourceFile("a.toml", f"calls.x.timeout = '{text}'", {"calls": {"x": {"timeout": text}}})
    made, findings = substituted(file, environment)
    return made.data["calls"]["x"]["timeout"], [each.code for each in findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${LIMIT}", "5s"),
        ("1${ZERO}s", "10s"),
        ("${MISSING:-7s}", "7s"),
        ("${EMPTY:-7s}", "7s"),
        ("${EMPTY}", ""),
        ("${LIMIT:-7s}", "5s"),
        ("$${LIMIT}", "${LIMIT}"),
        ("$$${LIMIT}", "$${LIMIT}"),
        ("${NESTED}", "${LIMIT}"),
        ("$LIMIT $1 $$", "$LIMIT $1 $$"),
        ("${ODD:-a$b}", "a$b"),
    ],
)
def test_a_variable_is_replaced_once_by_its_value_or_its_default(text: str, value: str) -> None:
    assert calls(text, LIMIT="5s", ZERO="0", EMPTY="", NESTED="${LIMIT}") == (value, [])


@pytest.mark.parametrize("text", ["${}", "${1A}", "${A B}", "${A", "${A:+b}", "a ${A-b} c"])
def test_what_is_no_variable_is_a_finding(text: str) -> None:
    assert calls(text)[1] == ["PE705"]


def test_an_unset_variable_is_one_finding_at_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    file = tmp_path / "a.toml"
    text = "[calls.x]\ntimeout = \"${ALSO:-1}${NOT_SET}\"\nretry = { deadline = '''\n${NOT_SET}''' }\n"
    file.write_text(text, "utf-8")
    found = load([file]).diagnostics
    assert [(each.code, str(each.span)) for each in found] == [
        ("PE704", f"{file}:2:22"),
        ("PE704", f"{file}:3:22"),
    ]
    assert found[0].help == "set it, or give a default: ${NOT_SET:-...}"


def test_a_value_of_the_wrong_form_is_found_where_the_variable_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMIT", "soon")
    file = tmp_path / "a.toml"
    file.write_text("calls.x.timeout = '${LIMIT}'\n", "utf-8")
    (found,) = load([file]).diagnostics
    assert (found.code, found.message) == ("PE116", '"timeout" is "soon", which is not a duration')


def test_patterns_messages_and_names_keep_every_dollar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/root")
    match = "match = { message.regex = '^${HOME}$1', module = '${HOME}', message.contains = '${HOME}' }"
    file = tmp_path / "a.toml"
    file.write_text(f"[[rules]]\nname = '${{HOME}}'\n{match}\ncategory = 'UNKNOWN'\n", "utf-8")
    document = load([file]).document
    assert document is not None
    (rule,) = document.data["rules"]
    assert rule["name"] == rule["match"]["module"] == rule["match"]["message"]["contains"] == "${HOME}"
    assert rule["match"]["message"]["regex"] == "^${HOME}$1"


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        (("breakers", "x", "recovery_timeout"), True),
        (("breakers", "x", "window", "size"), True),
        (("breakers", "x", "slow_call", "longer_than"), True),
        (("degradation", "triggers", 3, "when", "window"), True),
        (("degradation", "triggers", 3, "when", "any", 0, "not", "window"), True),
        (("recovery", "strategies", 0, "steps", 1, "url"), True),
        (("recovery", "strategies", 0, "steps", 1, "headers", "X-Key"), True),
        (("recovery", "strategies", 0, "steps", 1, "action"), False),
        (("recovery", "strategies", 0, "steps", 1, "text"), False),
        (("alerts", "channels", "ops", "logger"), True),
        (("alerts", "routes", 0, "text"), False),
        (("rules", 0, "match", "message", "regex"), False),
        (("rules", 0, "match", "any", 0, "message"), False),
        (("rules", 0, "category"), False),
        (("security", "allow_commands", 0), False),
        (("plugins", 0), False),
        (("breakers", "x", "nonsense", 5, "deep"), False),
    ],
)
def test_the_schema_says_where_variables_stand(path: tuple[str | int, ...], takes: bool) -> None:
    assert takes_variables(path) is takes


def test_the_schema_that_a_policy_is_held_against_knows_no_variable_any_more() -> None:
    schema = validator._policy_validator().schema
    assert schema["$defs"]["duration"]["pattern"] == PATTERN


def test_what_may_be_a_secret_is_shown_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://hooks.example/s3cr3t")
    monkeypatch.setenv("LIMIT", "4s")
    text = (
        "calls.x.timeout = '${LIMIT}'\n[[recovery.strategies]]\nname = 's'\nmatch.category = 'UNKNOWN'\n"
        "steps = [{ action = 'webhook', url = '%s' }]\n"
    )
    (tmp_path / "a.toml").write_text(text % "${HOOK}", "utf-8")
    (tmp_path / "b.toml").write_text(text % "https://old.example", "utf-8")
    new, old = load([tmp_path / "a.toml"]).document, load([tmp_path / "b.toml"]).document
    assert new is not None
    assert old is not None
    assert new.data["recovery"]["strategies"][0]["steps"][0]["url"] == "https://hooks.example/s3cr3t"
    shown = as_toml(new)
    assert "${HOOK}" in shown
    assert 'timeout = "4s"' in shown
    (change,) = compare_meaning(old, new)
    assert "${HOOK}" in change.details[0].after
    assert "s3cr3t" not in shown + str(change)


def test_what_is_shown_means_the_same_where_variables_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGGER", "x${Y}")
    file = tmp_path / "a.toml"
    file.write_text("[alerts.channels]\na = { kind = 'log', logger = '${LOGGER}' }\n", "utf-8")
    document = load([file]).document
    assert document is not None
    again = tmp_path / "b.toml"
    again.write_text(as_toml(document), "utf-8")
    shown = load([again]).document
    assert shown is not None
    assert shown.data == document.data == {"alerts": {"channels": {"a": {"kind": "log", "logger": "x${Y}"}}}}
