"""What the schema says of the value at a path of a policy, without holding anything against it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from policy_engine.policy.shipped import schema_path

_POINTER = "#/$defs/"


def described(path: Sequence[str | int]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas on the way to a value, each with what it refers to; they end where nothing is described."""
    node = _schema()
    for step in path:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        if inner is None:
            inner = node.get("additionalProperties")
        if not isinstance(inner, dict):
            return
        node = _followed(inner)
        yield node


def default_of(path: Sequence[str | int]) -> object:
    """Return the value that the schema names for a key that is left out; ``None`` for none."""
    nodes = list(described(path))
    return nodes[-1].get("default") if len(nodes) == len(path) and nodes else None


def _followed(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node = {**_schema()["$defs"][str(node["$ref"]).removeprefix(_POINTER)], **beside}
    if node.get("if", {}).get("type") == "object":  # a value that may be a table too, as a call's timeout
        node = {**_followed(node.get("else", {})), **_followed(node["then"]), **node}
    return node


@cache
def _schema() -> Mapping[str, Any]:
    schema: dict[str, Any] = json.loads(schema_path().read_text("utf-8"))
    return schema
