"""The schema file itself: complete for editors, closed, in step with the code, and true to what it shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from jsonschema import Draft202012Validator
from policy.marked import findings

from policy_engine.backoff import Growth, Jitter
from policy_engine.compile import Bounds
from policy_engine.model import Severity
from policy_engine.policy.durations import PATTERN_OR_VARIABLE
from policy_engine.policy.schema.validator import failures
from policy_engine.policy.shipped import policies_path, schema_path
from policy_engine.privacy.detectors import NAMES

SCHEMA = json.loads(schema_path().read_text("utf-8"))


def properties(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every key that the schema describes, those in definitions too; branches only restrict them."""
    for name, schema in node.get("properties", {}).items():
        yield f"{path}.{name}", schema
        yield from properties(schema, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from properties(node[key], f"{path}.*")
    for name, schema in node.get("$defs", {}).items():
        yield from properties(schema, f"${name}")


def objects(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "object" in str(node.get("type")):
            yield path, node
        for key, value in node.items():
            if key not in ("examples", "if", "then", "else", "allOf", "anyOf", "oneOf"):
                yield from objects(value, f"{path}.{key}")


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_has_a_description_and_examples() -> None:
    keys = list(properties(SCHEMA))
    assert len(keys) > 150
    assert [path for path, schema in keys if not schema.get("description", "").endswith(".")] == []
    assert [path for path, schema in keys if not schema.get("examples")] == []


def test_every_example_and_default_is_right() -> None:
    for path, schema in properties(SCHEMA):
        for value in (*schema["examples"], *([schema["default"]] if "default" in schema else [])):
            found = list(failures(value, {"$defs": SCHEMA["$defs"], **schema}))
            assert (path, found) == (path, [])


def test_no_table_takes_unknown_keys_but_a_step_and_a_channel_whose_plugins_describe_them() -> None:
    closed = {path for path, schema in objects(SCHEMA) if schema["additionalProperties"] is False}
    assert {path for path, _ in objects(SCHEMA)} - closed == {".$defs.step", ".$defs.check", ".$defs.channel"}


def test_tables_of_names_say_what_a_name_is() -> None:
    maps = [schema for _, schema in properties(SCHEMA) if isinstance(schema.get("additionalProperties"), dict)]
    assert len(maps) >= 6
    assert all("propertyNames" in schema or schema.get("$ref") for schema in maps)


def test_it_is_in_step_with_the_code() -> None:
    definitions = SCHEMA["$defs"]
    bounds = SCHEMA["properties"]["bounds"]["properties"]
    assert definitions["duration"]["pattern"] == definitions["positive_duration"]["pattern"] == PATTERN_OR_VARIABLE
    assert definitions["severity"]["enum"] == [each.value for each in Severity]
    assert definitions["backoff"]["properties"]["kind"]["enum"] == [each.value for each in Growth]
    assert definitions["backoff"]["properties"]["jitter"]["enum"] == [each.value for each in Jitter]
    assert SCHEMA["properties"]["privacy"]["properties"]["detectors"]["items"]["else"]["enum"] == list(NAMES)
    defaults = {name: schema["default"] for name, schema in bounds.items()}
    assert defaults == {name: getattr(Bounds(), name) for name in bounds} | {"active_for": "15m"}


def test_the_shipped_policies_are_valid() -> None:
    if not list(policies_path().glob("*.toml")):
        pytest.skip("no policy is shipped yet")
    from policy_engine.compile import check_policy

    assert check_policy([policies_path()]).diagnostics == ()


def test_an_example_of_every_section_together_is_a_policy(tmp_path: Path) -> None:
    data = {name: schema["examples"][0] for name, schema in SCHEMA["properties"].items()}
    del data["plugins"], data["extends"]
    data["categories"] |= {"DATABASE": {}}
    codes = {each.code for each in findings(tomli_w.dumps(data), tmp_path)}
    assert codes <= {"PE201", "PE202"}
