"""Why a match table held, or what it lacked: key by key, with the words or the cause that it found.

Slow and thorough, for people; the verdicts are those of the compiled matchers, so an explanation cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from policy_engine.match import regex
from policy_engine.match.matcher import compile_matcher
from policy_engine.match.values import as_list
from policy_engine.model import Cause, Occurrence, short_name

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """One key of a match table: what it wants, whether that held, and what was there."""

    key: str
    wanted: str
    held: bool
    found: str
    parts: tuple[KeyFinding, ...] = ()
    """For ``any``, ``all`` and ``not``: the findings of the tables inside."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        shown: dict[str, Any] = {"key": self.key, "wanted": self.wanted, "held": self.held, "found": self.found}
        if self.parts:
            shown["parts"] = [part.to_dict() for part in self.parts]
        return shown


def explain_match(table: Mapping[str, Any], occurrence: Occurrence) -> tuple[KeyFinding, ...]:
    """Return a finding for each key of ``table``; the table holds when all of them do."""
    return tuple(finding for key, spec in table.items() for finding in _explain_key(key, spec, occurrence))


def _explain_key(key: str, spec: Any, occurrence: Occurrence) -> Iterator[KeyFinding]:
    if key in ("attributes", "context"):
        for name, value in spec.items():
            held = compile_matcher({key: {name: value}})(occurrence)
            yield KeyFinding(f"{key}.{name}", _shown(value), held, _shown(getattr(occurrence, key).get(name)))
    elif key in ("message", "exception_name"):
        for name, value in (spec if isinstance(spec, Mapping) else {"equals": spec}).items():
            held = compile_matcher({key: {name: value}})(occurrence)
            yield KeyFinding(f"{key}.{name}", _shown(value), held, _text_found(key, name, value, occurrence))
    elif key in ("any", "all", "not"):
        yield _combination(key, spec, occurrence)
    else:
        held = compile_matcher({key: spec})(occurrence)
        yield KeyFinding(key, _shown(spec), held, _found(key, spec, occurrence))


def _found(key: str, spec: Any, occurrence: Occurrence) -> str:
    if key == "exception":
        return _exception_found(spec, occurrence)
    if key == "cause":
        return _cause_found(spec, occurrence)
    return _shown(getattr(occurrence, key))


def _combination(key: str, spec: Any, occurrence: Occurrence) -> KeyFinding:
    held = compile_matcher({key: spec})(occurrence)
    tables = as_list(spec)
    parts: list[KeyFinding] = []
    for number, table in enumerate(tables, 1):
        findings = explain_match(table, occurrence)
        verdict = all(finding.held for finding in findings)
        parts.append(KeyFinding(f"{key}[{number}]", _shown(table), verdict, "", findings))
    held_parts = [str(number) for number, part in enumerate(parts, 1) if part.held]
    found = f"held: {', '.join(held_parts)} of {len(parts)}" if held_parts else f"none of {len(parts)} held"
    return KeyFinding(key, f"{len(tables)} tables", held, found, tuple(parts))


def _exception_found(spec: Any, occurrence: Occurrence) -> str:
    names = {short_name(name) for name in as_list(spec)}
    found = next((name for name in occurrence.mro if name in names), None)
    if found is None:
        return occurrence.type
    return found if found == occurrence.type else f"{occurrence.type}, a {found}"


def _cause_found(spec: Any, occurrence: Occurrence) -> str:
    if not occurrence.causes:
        return "no cause"
    for cause in occurrence.causes:
        if compile_matcher({"cause": spec})(_with_cause(cause)):
            return _shown(f"{cause.type}: {cause.message}")
    return _shown(", ".join(cause.type for cause in occurrence.causes))


def _with_cause(cause: Cause) -> Occurrence:
    return Occurrence(type="", mro=(), message="", causes=(cause,))


def _text_found(key: str, name: str, spec: Any, occurrence: Occurrence) -> str:
    if key == "message":
        return _words_found(name, spec, occurrence.message)
    matching = (each for each in occurrence.mro if compile_matcher({key: {name: spec}})(_of_type(each)))
    return next(matching, occurrence.type)


def _of_type(name: str) -> Occurrence:
    return Occurrence(type=name, mro=(name,), message="")


def _words_found(name: str, spec: Any, message: str) -> str:
    """The part of the message that satisfied a message key, or the message where nothing did."""
    for wanted in as_list(spec):
        if name == "regex":
            match = re2.compile(wanted, regex.options(ignore_case=True)).search(message)
            if match is not None:
                return _shown(match.group())
        elif name == "contains" and wanted.lower() in message.lower():
            start = message.lower().index(wanted.lower())
            return _shown(message[start : start + len(wanted)])
    return _shown(message)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else _table_text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _table_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_shown(item)}" for key, item in value.items())
    return str(value)
