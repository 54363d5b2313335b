"""The policy's schema with what plugins bring in it, so that an editor knows that too.

Knows how a step of a recovery, an alert channel and a match table are described, and takes what each action, each kind
of channel and each matcher says of its own parameters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from policy_engine.plugins.loading import Plugins
from policy_engine.policy.durations import PATTERN, PATTERN_OR_VARIABLE
from policy_engine.policy.shipped import schema_path

_OF_EVERY_STEP = {"step": ("action", "timeout", "on"), "check": ("action", "timeout")}
_OF_EVERY_CHANNEL = ("kind", "enabled", "used_by", "description")


class Described(Protocol):
    """An action, a kind of channel or a matcher, as far as it is looked at here."""

    @property
    def name(self) -> str:
        """What a policy calls it."""

    @property
    def schema(self) -> Mapping[str, object]:
        """JSON Schema of its parameters."""


def merged_schema(plugins: Plugins) -> dict[str, Any]:
    """Return the schema of policies in which each action, channel and matcher takes its own parameters alone."""
    schema: dict[str, Any] = json.loads(schema_path().read_text("utf-8"))
    definitions = schema["$defs"]
    for name, common in _OF_EVERY_STEP.items():
        _describe(definitions[name], "action", plugins.actions, common, also=())
    _describe(definitions["channel"], "kind", plugins.channels, _OF_EVERY_CHANNEL, also=("log",))
    _describe_matchers(definitions["plugin_matchers"], plugins.matchers)
    metric = definitions["condition"]["properties"]["metric"]
    metric["anyOf"] = [{"enum": [*metric["else"]["enum"], *sorted(plugins.metrics)]}, {"type": "string"}]
    return schema


def schema_texts(plugins: Plugins) -> dict[str, str]:
    """Return the text of each schema by the name of its file: that of policies, and that of policy tests."""
    policy = json.dumps(merged_schema(plugins), ensure_ascii=False, indent=2)
    tests = schema_path().with_name("policy-test.schema.json")
    return {schema_path().name: f"{policy}\n", tests.name: tests.read_text("utf-8")}


def _describe(
    table: dict[str, Any], key: str, brought: Mapping[str, Described], common: tuple[str, ...], *, also: tuple[str, ...]
) -> None:
    """Let a table whose ``key`` names what was ``brought``, or ``also`` something else, take that one's parameters."""
    # Any name is taken, for a plugin may be installed elsewhere; an editor offers those that are known here.
    offered = [{"enum": [*also, *sorted(brought)]}, {"type": "string"}]
    table["properties"][key] = {**table["properties"][key], "anyOf": offered}
    described = [_parameters_of(each, key, common) for _, each in sorted(brought.items())]
    if described:
        table["allOf"] = [*table.get("allOf", ()), *described]


def _describe_matchers(table: dict[str, Any], matchers: Mapping[str, Described]) -> None:
    if matchers:
        table["properties"] = {name: _with_variables(each.schema) for name, each in sorted(matchers.items())}


def _parameters_of(described: Described, key: str, common: tuple[str, ...]) -> dict[str, Any]:
    parameters = {
        name: value for name, value in described.schema.items() if name not in ("type", "additionalProperties")
    }
    then: dict[str, Any] = _with_variables(parameters)
    if described.schema.get("additionalProperties") is False:
        then["propertyNames"] = {"enum": [*common, *then.get("properties", {})]}
    return {"if": {"properties": {key: {"const": described.name}}, "required": [key]}, "then": then}


def _with_variables(node: Any) -> Any:
    """A schema whose durations may hold ``${NAME}``, which is replaced before a policy is checked, not in an editor."""
    if isinstance(node, Mapping):
        return {
            key: PATTERN_OR_VARIABLE if key == "pattern" and value == PATTERN else _with_variables(value)
            for key, value in node.items()
        }
    return [_with_variables(item) for item in node] if isinstance(node, list | tuple) else node
