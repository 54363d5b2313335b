"""A JSON Schema as plain functions that answer yes or no, thirty times sooner than jsonschema.

Nearly all of nearly every policy is right, and only of what is not has jsonschema to say why. Knows the keywords that
the policy's schema uses and refuses any other: an answer must be the one that jsonschema would give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policy_engine.policy.schema.patterns import compiled_pattern
from policy_engine.policy.values import is_integer, is_number

Test = Callable[[Any], bool]
Schema = Mapping[str, Any]

_POINTER = "#/$defs/"
_SAYS_NOTHING = frozenset({"$schema", "$comment", "$defs", "title", "description", "examples", "default"})

_TYPES: Mapping[str, Test] = {
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


class Compiled:
    """The tests for the parts of one schema, each made when it is first asked for."""

    def __init__(self, schema: Schema) -> None:
        self._definitions: Schema = schema.get("$defs", {})
        self._tests: dict[int, tuple[Schema, Test]] = {}
        """By the identity of each part, which is kept so that no other part gets it."""

    def test(self, part: Schema | bool) -> Test:  # noqa: FBT001  true and false are schemas
        """Return a function that tells whether a value satisfies ``part``.

        Raises:
            KeyError: a keyword that is not known here.
        """
        if isinstance(part, bool):
            return _anything if part else _nothing
        found = self._tests.get(id(part))
        if found is None:
            found = self._tests[id(part)] = part, self._made(part)
        return found[1]

    def _made(self, part: Schema) -> Test:
        # "type" first: it refuses most of what is wrong, at the least cost.
        keys = sorted((key for key in part if not _is_annotation(key)), key=lambda key: key != "type")
        tests = [self._keyword(key, part) for key in keys if _READ_WITH.get(key) not in part]
        if len(tests) == 1:
            return tests[0]

        def every(value: Any) -> bool:
            for test in tests:  # noqa: SIM110  a generator for all() costs as much as the tests
                if not test(value):
                    return False
            return True

        return every

    def _keyword(self, key: str, part: Schema) -> Test:
        return _OF_VALUES[key](part[key]) if key in _OF_VALUES else _OF_SCHEMAS[key](self, part)

    def reference(self, part: Schema) -> Test:
        """What another place of the schema asks; looked up late, for it may lead back here."""
        definition = self._definitions[part["$ref"].removeprefix(_POINTER)]
        return lambda value: self.test(definition)(value)

    def table(self, part: Schema) -> Test:
        """``properties`` and ``additionalProperties``: every key is known, and its value is right."""
        tests = {key: self.test(inner) for key, inner in part.get("properties", {}).items()}
        other = self.test(part.get("additionalProperties", True))

        def right(value: Any) -> bool:
            if isinstance(value, dict):
                for key, item in value.items():
                    if not tests.get(key, other)(item):
                        return False
            return True

        return right

    def items(self, part: Schema) -> Test:
        """``items``: each is right."""
        test = self.test(part["items"])
        return lambda value: not isinstance(value, list) or all(map(test, value))

    def names(self, part: Schema) -> Test:
        """``propertyNames``: each key is right."""
        test = self.test(part["propertyNames"])
        return lambda value: not isinstance(value, dict) or all(map(test, value))

    def choice(self, part: Schema) -> Test:
        """``if``, ``then`` and ``else``."""
        asked = self.test(part["if"])
        then, otherwise = (self.test(part[key]) if key in part else _anything for key in ("then", "else"))
        return lambda value: then(value) if asked(value) else otherwise(value)

    def opposite(self, part: Schema) -> Test:
        """``not``."""
        test = self.test(part["not"])
        return lambda value: not test(value)

    def several(self, key: str, enough: Callable[[int, int], bool]) -> Callable[[Schema], Test]:
        """``allOf``, ``anyOf`` or ``oneOf``: ``enough`` of the branches hold, out of so many."""

        def made(part: Schema) -> Test:
            tests = [self.test(inner) for inner in part[key]]
            return lambda value: enough(sum(test(value) for test in tests), len(tests))

        return made


def _anything(_value: Any) -> bool:
    return True


def _nothing(_value: Any) -> bool:
    return False


def _is_annotation(key: str) -> bool:
    return key in _SAYS_NOTHING or key.startswith("x-")


def _type(names: str | list[str]) -> Test:
    if isinstance(names, str):
        return _TYPES[names]
    tests = [_TYPES[name] for name in names]
    return lambda value: any(test(value) for test in tests)


def _one_of(values: list[str | int]) -> Test:
    # True equals 1 in Python, and not in JSON Schema.
    allowed = frozenset((isinstance(each, bool), each) for each in values)
    return lambda value: isinstance(value, str | int | float) and (isinstance(value, bool), value) in allowed


def _pattern(pattern: str) -> Test:
    search = compiled_pattern(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _without_repetition(wanted: bool) -> Test:  # noqa: FBT001  the keyword's own value
    def right(value: Any) -> bool:
        if not wanted or not isinstance(value, list):
            return True
        typed = [(isinstance(item, bool), item) for item in value]
        return all(item not in typed[:number] for number, item in enumerate(typed))

    return right


def _sized(kind: type[str | list[Any] | dict[str, Any]], holds: Callable[[int, int], bool]) -> Callable[[int], Test]:
    return lambda limit: lambda value: not isinstance(value, kind) or holds(len(value), limit)


def _limited(holds: Callable[[float, float], bool]) -> Callable[[float], Test]:
    return lambda limit: lambda value: not is_number(value) or holds(value, limit)


def _required(keys: list[str]) -> Test:
    return lambda value: not isinstance(value, dict) or all(key in value for key in keys)


_OF_VALUES: Mapping[str, Callable[[Any], Test]] = {
    "type": _type,
    "enum": _one_of,
    "const": lambda value: _one_of([value]),
    "pattern": _pattern,
    "minLength": _sized(str, lambda length, limit: length >= limit),
    "maxLength": _sized(str, lambda length, limit: length <= limit),
    "minItems": _sized(list, lambda length, limit: length >= limit),
    "minProperties": _sized(dict, lambda length, limit: length >= limit),
    "uniqueItems": _without_repetition,
    "minimum": _limited(lambda value, limit: value >= limit),
    "maximum": _limited(lambda value, limit: value <= limit),
    "exclusiveMinimum": _limited(lambda value, limit: value > limit),
    "required": _required,
}

_OF_SCHEMAS: Mapping[str, Callable[[Compiled, Schema], Test]] = {
    "$ref": Compiled.reference,
    "properties": Compiled.table,
    "additionalProperties": Compiled.table,
    "items": Compiled.items,
    "propertyNames": Compiled.names,
    "if": Compiled.choice,
    "not": Compiled.opposite,
    "allOf": lambda compiled, part: compiled.several("allOf", lambda held, of: held == of)(part),
    "anyOf": lambda compiled, part: compiled.several("anyOf", lambda held, _: held > 0)(part),
    "oneOf": lambda compiled, part: compiled.several("oneOf", lambda held, _: held == 1)(part),
}

_READ_WITH: Mapping[str, str] = {"then": "if", "else": "if", "additionalProperties": "properties"}
"""Keywords that are read with another one, where that is there."""
