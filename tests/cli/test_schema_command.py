"""``policy-engine schema``: the schemas, with what actions and plugins say of their own parameters."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policy_engine.cli import main
from policy_engine.policy.shipped import policies_path, schema_path

PLUGIN = """
from policy_engine.plugins import Action, hookimpl

SCHEMA = {
    "type": "object",
    "properties": {"unit": {"type": "string", "description": "The unit."}},
    "required": ["unit"],
    "additionalProperties": False,
}


@hookimpl
def policy_engine_actions():
    return [Action("acme.restart", lambda context: True, SCHEMA, "Restart a unit.")]
"""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["schema", *arguments]) == 0
    schema: dict[str, Any] = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    return schema


def wrong(schema: dict[str, Any], step: str) -> list[str]:
    strategy = f"name = 'a'\nmatch.category = 'A'\nsteps = [{step}]\n"
    data = tomllib.loads(f"[[recovery.strategies]]\n{strategy}")
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize(
    ("step", "right"),
    [
        ("{ action = 'wait', for = '5s' }", True),
        ("{ action = 'wait', for = '${WAIT:-5s}', on = 'failure' }", True),
        ("{ action = 'wait', for = 5 }", False),
        ("{ action = 'wait', fro = '5s' }", False),
        ("{ action = 'webhook', url = 'https://a.example' }", True),
        ("{ action = 'webhook' }", False),
        ("{ action = 'elsewhere.installed', anything = 1 }", True),
    ],
)
def test_an_action_s_parameters_are_checked_by_the_merged_schema(
    step: str, right: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (wrong(printed(capsys), step) == []) is right


def test_a_plugin_s_parameters_are_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "acme.py").write_text(PLUGIN, "utf-8")
    schema = printed(capsys, "--plugin", str(tmp_path / "acme.py"))
    assert wrong(schema, "{ action = 'acme.restart', unit = 'web' }") == []
    assert wrong(schema, "{ action = 'acme.restart' }") != []
    assert wrong(schema, "{ action = 'acme.restart', unit = 'web', units = 1 }") != []
    assert "acme.restart" in schema["$defs"]["step"]["properties"]["action"]["anyOf"][0]["enum"]


def test_a_plugin_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--plugin", "./none.py"]) == 2
    assert 'no plugin file "./none.py"' in capsys.readouterr().err


def test_both_schemas_are_written_and_the_shipped_policies_pass_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "--out", str(tmp_path / "deep" / "schema")]) == 0
    written = sorted(path.name for path in (tmp_path / "deep" / "schema").iterdir())
    assert written == ["policy-test.schema.json", "policy.schema.json"]
    schema = json.loads((tmp_path / "deep" / "schema" / "policy.schema.json").read_text("utf-8"))
    for file in policies_path().glob("*.toml"):
        assert list(Draft202012Validator(schema).iter_errors(tomllib.loads(file.read_text("utf-8")))) == []
    tests = tmp_path / "deep" / "schema" / "policy-test.schema.json"
    assert tests.read_text("utf-8") == schema_path().with_name("policy-test.schema.json").read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert main(["schema", "--out", str(tmp_path / "file")]) == 2
    assert "file" in capsys.readouterr().err
