"""The keys of one table: which are unknown, missing, not to stand together, or of no use here.

Several errors may come from one mistake, and one is kept: an unknown key that is a missing one mistyped swallows the
missing one; where the key that decides about others is missing or mistyped, the others are not spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.policy.schema.mistake import Mistake, Path
from policy_engine.policy.schema.validator import Failure
from policy_engine.policy.schema.wording import listed, nearest, quoted, suggestion, toml

Schema = Mapping[str, Any]

_MOST_LISTED = 12


def is_about_keys(fault: Failure) -> bool:
    """Whether it is about which keys a table has, not about what one of them holds."""
    return fault.is_name or fault.keyword in ("additionalProperties", "required") or _is_choice(fault)


def _is_choice(fault: Failure) -> bool:
    """Whether one of some keys must be there: ``anyOf`` or ``oneOf`` over ``required``.

    A branch that says that others may stand beside it says nothing more; tombi, as strict as it is, wants to hear it.
    """
    return fault.keyword in ("anyOf", "oneOf") and all(
        len(branch.get("required", ())) == 1 and branch.keys() <= {"required", "additionalProperties"}
        for branch in fault.wanted
    )


class Table:
    """What jsonschema found about the keys of the table ``value`` at ``path``."""

    def __init__(self, path: Path, value: Mapping[str, Any]) -> None:
        self._path = path
        self._value = value
        self._unknown: dict[str, Schema] = {}
        self._missing: dict[tuple[str, ...], Schema] = {}
        self._excluding: list[tuple[str, str]] = []
        self._unused: dict[str, Schema] = {}
        self._misnamed: dict[str, Schema] = {}

    def add(self, fault: Failure) -> None:
        """Take note of one thing found about this table's keys."""
        schema = fault.schema
        if fault.is_name:
            (self._unused if "x-with" in schema else self._misnamed)[fault.value] = schema
        elif fault.keyword == "additionalProperties":
            known = schema.get("properties", {})
            self._unknown.update((key, schema) for key in self._value if key not in known)
        elif fault.keyword == "required":
            lacking = [key for key in fault.wanted if key not in self._value]
            self._missing.update(((key,), schema) for key in lacking)
            self._suspect(lacking, schema)
        else:
            self._add_choice([branch["required"][0] for branch in fault.wanted], schema)

    def _suspect(self, lacking: list[str], schema: Schema) -> None:
        """Where any key may stand, take one that is like a missing one for that one mistyped."""
        known = schema.get("properties", {})
        if schema.get("additionalProperties", True) is not False:
            self._unknown.update((key, schema) for key in self._value if key not in known and nearest(key, lacking))

    def _add_choice(self, keys: list[str], schema: Schema) -> None:
        present = [key for key in self._value if key in keys]
        if present:
            self._excluding.append((present[0], present[1]))
        else:
            self._missing[tuple(keys)] = schema

    def mistakes(self) -> Iterator[Mistake]:
        """Yield what has to be changed."""
        meant = {key: self._meant_by(key) for key in self._unknown}
        for key, name in meant.items():
            advice = f'did you mean "{name}"?' if name is not None else self._advice_on(key)
            yield Mistake("PE111", (*self._path, key), f"unknown key {quoted(key)}", advice, at_key=True)
        missing = [keys for keys in self._missing if not set(keys).intersection(meant.values())]
        for keys in missing:
            yield self._lacking(keys)
        for first, second in self._excluding:
            message = f'"{first}" and "{second}" exclude each other'
            first_path, second_path = (*self._path, first), (*self._path, second)
            yield Mistake("PE117", second_path, message, "keep one of them", at_key=True, first=first_path)
        if not missing:
            yield from self._without_use(meant)
        for key, schema in self._misnamed.items():
            form = schema.get("x-form", {"name": "a name"})
            message = f"{quoted(key)} is not {form['name']}"
            yield Mistake("PE116", (*self._path, key), message, form.get("help"), at_key=True)

    def _meant_by(self, key: str) -> str | None:
        """Return the key that an unknown one was meant to be: one that is missing, if that may be."""
        missing = [name for names in self._missing for name in names]
        known = self._unknown[key].get("properties", {})
        usable = [name for name in known if name not in self._value and self._is_of_use(name)]
        return nearest(key, missing, alike=0.5) or nearest(key, usable)

    def _is_of_use(self, name: str) -> bool:
        return all(name in schema["enum"] for schema in self._unused.values())

    def _advice_on(self, key: str) -> str | None:
        schema = self._unknown[key]
        elsewhere = schema.get("x-elsewhere", {})
        if key in elsewhere:
            return str(elsewhere[key])
        return suggestion(key, list(schema.get("properties", {})))

    def _lacking(self, keys: tuple[str, ...]) -> Mistake:
        if len(keys) > 1:
            return Mistake("PE112", self._path, f"one of {listed(keys)} is missing here")
        (key,) = keys
        examples = self._missing[keys].get("properties", {}).get(key, {}).get("examples")
        advice = f"add it, as in {key} = {toml(examples[0])}" if examples else None
        return Mistake("PE112", self._path, f'"{key}" is missing here', advice)

    def _without_use(self, meant: Mapping[str, str | None]) -> Iterator[Mistake]:
        for key, schema in self._unused.items():
            deciding = schema["x-with"]
            if key in self._unknown or deciding in meant.values():
                continue
            with_it = f"with {deciding} = {quoted(self._value[deciding])}"
            message = f"is not used {with_it}" if deciding in self._value else f'is not used without "{deciding}"'
            allowed = [name for name in schema["enum"] if name != deciding]
            advice = f"used here: {', '.join(allowed)}" if len(allowed) <= _MOST_LISTED else None
            yield Mistake("PE117", (*self._path, key), f'"{key}" {message}', advice, at_key=True)
