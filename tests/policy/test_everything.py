"""The whole language in one policy: the schema takes it, nothing is found, and every mechanism compiles its part."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_engine import load_policy
from policy_engine.compile import check_policy
from policy_engine.policy.shipped import schema_path

EVERYTHING = Path(__file__).parents[1] / "golden" / "validate" / "everything.toml"
NOT_EVALUATED_YET = {"expr"}
ASKS_PLUGINS = {"plugin"}  # there is none here: tests/plugins/test_plugin_matchers.py has it


def described(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from (name for name, schema in node["properties"].items() if "description" in schema)
        for value in node.values():
            yield from described(value)
    elif isinstance(node, list):
        for value in node:
            yield from described(value)


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(item)


def test_it_uses_every_key_of_the_schema() -> None:
    data = tomllib.loads(EVERYTHING.read_text("utf-8"))
    schema = json.loads(schema_path().read_text("utf-8"))
    assert set(described(schema)) - set(keys(data)) - NOT_EVALUATED_YET - ASKS_PLUGINS == set()


def test_nothing_is_found_in_it_and_every_mechanism_compiles_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "a key of this test")
    (tmp_path / "key-2025").write_text("an older key", encoding="utf-8")
    (tmp_path / "key-2025").chmod(0o600)
    everything = shutil.copy(EVERYTHING, tmp_path)
    shutil.copy(EVERYTHING.with_name("clean.toml"), tmp_path)
    assert check_policy([everything]).diagnostics == ()
    policy = load_policy(everything)
    assert [rule.name for rule in policy.rules] == ["sqlite-locked", "peer-hung-up"]
    assert set(policy.breakers) == {"default", "external_api", "database"}
