"""The policy's schema with the parameters of actions in it, so that an editor knows them too.

Knows how a step of a recovery is described, and takes what each action says of its own parameters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policy_engine.policy.durations import PATTERN, PATTERN_OR_VARIABLE
from policy_engine.policy.shipped import schema_path
from policy_engine.recover import Action

_OF_EVERY_STEP = {"step": ("action", "timeout", "on"), "check": ("action", "timeout")}


def merged_schema(actions: Mapping[str, Action]) -> dict[str, Any]:
    """Return the schema of policies in which each of ``actions`` takes its own parameters, and no others."""
    schema: dict[str, Any] = json.loads(schema_path().read_text("utf-8"))
    for name, common in _OF_EVERY_STEP.items():
        step = schema["$defs"][name]
        own = step["properties"]["action"]
        # Any name is taken, for a plugin may be installed elsewhere; an editor offers those that are known here.
        step["properties"]["action"] = {**own, "anyOf": [{"enum": sorted(actions)}, {"type": "string"}]}
        step["allOf"] = [*step.get("allOf", ()), *(_of_action(action, common) for _, action in sorted(actions.items()))]
    return schema


def schema_texts(actions: Mapping[str, Action]) -> dict[str, str]:
    """Return the text of each schema by the name of its file: that of policies, and that of policy tests."""
    policy = json.dumps(merged_schema(actions), ensure_ascii=False, indent=2)
    tests = schema_path().with_name("policy-test.schema.json")
    return {schema_path().name: f"{policy}\n", tests.name: tests.read_text("utf-8")}


def _of_action(action: Action, common: tuple[str, ...]) -> dict[str, Any]:
    parameters = {key: value for key, value in action.schema.items() if key not in ("type", "additionalProperties")}
    then: dict[str, Any] = _with_variables(parameters)
    if action.schema.get("additionalProperties") is False:
        then["propertyNames"] = {"enum": [*common, *then.get("properties", {})]}
    return {"if": {"properties": {"action": {"const": action.name}}, "required": ["action"]}, "then": then}


def _with_variables(node: Any) -> Any:
    """A schema whose durations may hold ``${NAME}``, which is replaced before a policy is checked, not in an editor."""
    if isinstance(node, Mapping):
        return {
            key: PATTERN_OR_VARIABLE if key == "pattern" and value == PATTERN else _with_variables(value)
            for key, value in node.items()
        }
    return [_with_variables(item) for item in node] if isinstance(node, list | tuple) else node
