"""The policy's JSON Schema, ready to be held against data: read once, its types as strict as `values` has them.

`compiled` tells what is right, jsonschema what is wrong with the rest; what it finds, `about_keys` and `about_values`
turn into words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from policy_engine.policy.durations import PATTERN, PATTERN_OR_VARIABLE
from policy_engine.policy.schema.compiled import Compiled
from policy_engine.policy.schema.patterns import compiled_pattern
from policy_engine.policy.shipped import schema_path
from policy_engine.policy.values import is_integer, is_number

_POINTER = "#/$defs/"


class Failure(NamedTuple):
    """A value that does not do: its path, the schema's keyword that it fails, what that wants, the schema around it."""

    path: tuple[str | int, ...]
    value: Any
    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    is_name: bool
    """Whether the value is the name of a key, and the path its table's."""


def policy_failures(data: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what the policy's schema finds in the data of a whole policy."""
    return _failures(_policy_validator(), data)


def failures(data: Any, schema: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what any draft 2020-12 schema finds in data, with TOML's types."""
    return _failures(_validator_class()(schema), data)


def _failures(validator: Any, data: Any) -> Iterator[Failure]:
    for error in validator.iter_errors(data):
        steps = error.absolute_schema_path
        yield Failure(
            tuple(error.absolute_path),
            error.instance,
            str(error.validator),
            error.validator_value,
            error.schema if isinstance(error.schema, dict) else {},
            len(steps) > 1 and steps[-2] == "propertyNames",
        )


@cache
def _policy_validator() -> Any:
    schema = inlined(json.loads(schema_path().read_text("utf-8")))
    return _only_where_wrong(Compiled(schema))(schema)


def _only_where_wrong(compiled: Compiled) -> Any:
    """A validator that looks into those parts of tables and lists alone in which something is wrong."""

    def properties(validator: Any, parts: Mapping[str, Any], value: Any, _schema: Any) -> Iterator[Any]:
        for key, part in parts.items() if isinstance(value, dict) else ():
            if key in value and not compiled.test(part)(value[key]):
                yield from validator.descend(value[key], part, path=key, schema_path=key)

    def items(validator: Any, part: Mapping[str, Any], value: Any, _schema: Any) -> Iterator[Any]:
        right = compiled.test(part)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if not right(item):
                yield from validator.descend(item, part, path=number)

    from jsonschema import validators  # as below

    return cast("Any", validators).extend(_validator_class(), {"properties": properties, "items": items})


@cache
def _validator_class() -> Any:
    # Loaded here because it takes 60 ms, which only who loads a policy should pay.
    from jsonschema import Draft202012Validator, ValidationError, validators

    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": lambda _, value: is_integer(value), "number": lambda _, value: is_number(value)}
    )

    def pattern(validator: Any, wanted: str, value: Any, _: object) -> Iterator[ValidationError]:
        if validator.is_type(value, "string") and compiled_pattern(wanted).search(value) is None:
            yield ValidationError(f"{value!r} does not match {wanted!r}")

    extend = cast("Any", validators).extend
    return extend(Draft202012Validator, {"pattern": pattern}, type_checker=types)


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with each reference replaced by what it names, but for definitions that contain themselves.

    Following a reference costs jsonschema as much as checking a value.
    """
    definitions = schema["$defs"]
    recursive = {name for name in definitions if name in _reachable(definitions[name], definitions, set())}

    def inline(node: Any) -> Any:
        if isinstance(node, list):
            return [inline(item) for item in node]
        if not isinstance(node, dict):
            return node
        name = _target(node)
        if name is not None and name not in recursive:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**definitions[name], **beside}
        if node.get("pattern") == PATTERN_OR_VARIABLE:
            # Variables have been replaced by now.
            node = {**node, "pattern": PATTERN}
        return {key: value if key in ("examples", "enum") else inline(value) for key, value in node.items()}

    inlined: dict[str, Any] = inline(schema)
    return inlined


def _reachable(node: Any, definitions: Mapping[str, Any], seen: set[str]) -> set[str]:
    if isinstance(node, dict):
        name = _target(node)
        if name is not None and name not in seen:
            seen.add(name)
            _reachable(definitions[name], definitions, seen)
        for value in node.values():
            _reachable(value, definitions, seen)
    elif isinstance(node, list):
        for value in node:
            _reachable(value, definitions, seen)
    return seen


def _target(node: Mapping[str, Any]) -> str | None:
    reference = node.get("$ref")
    return reference.removeprefix(_POINTER) if isinstance(reference, str) else None
