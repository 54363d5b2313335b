"""Why a match table held, or what it lacked: key by key, with the words or the cause that it found.

Slow and thorough, for people; the verdicts are those of the compiled matchers, so an explanation cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from policy_engine.match import closeness, regex
from policy_engine.match.asked import Asked
from policy_engine.match.matcher import compile_matcher
from policy_engine.match.values import as_list
from policy_engine.model import Cause, Occurrence, short_name

_SHOWN = 80
_NOTHING, _NO_CAUSE = "nothing", "no cause"


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """One key of a match table: what it wants, whether that held, and what was there."""

    key: str
    wanted: str
    held: bool
    found: str
    parts: tuple[KeyFinding, ...] = ()
    """For ``any``, ``all`` and ``not``: the findings of the tables inside."""
    closeness: float = 0.0
    """How much of what it wants is there, from 0 to 1, by `policy_engine.match.closeness`."""

    @property
    def found_nothing(self) -> bool:
        """Whether ``found`` says that there is nothing, and is no text of the error."""
        return self.found in (_NOTHING, _NO_CAUSE)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        shown: dict[str, Any] = {"key": self.key, "wanted": self.wanted, "held": self.held, "found": self.found}
        if self.parts:
            shown["parts"] = [part.to_dict() for part in self.parts]
        return shown


def explain_match(table: Mapping[str, Any], occurrence: Occurrence) -> tuple[KeyFinding, ...]:
    """Return a finding for each key of ``table``; the table holds when all of them do."""
    return tuple(finding for key, spec in table.items() for finding in _explain_key(key, spec, occurrence))


def what_held(keys: Sequence[KeyFinding]) -> Iterator[KeyFinding]:
    """Yield the keys that held, of a combination those inside it; of what ``not`` excludes there is nothing to show."""
    for key in keys:
        if key.parts:
            if key.key != "not":
                yield from (leaf for part in key.parts if part.held for leaf in what_held(part.parts))
        elif key.held:
            yield key


def what_lacked(keys: Sequence[KeyFinding]) -> list[KeyFinding]:
    """Return the keys that did not hold; of several alternatives, those of the one that came nearest."""
    return [leaf for leaf in nearest_way(keys) if not leaf.held]


def in_words(lacked: KeyFinding) -> str:
    """What a key that did not hold wanted, and what was there."""
    if lacked.key == "not":
        return f"what it excludes is there: {lacked.wanted}"
    found = lacked.found if lacked.found_nothing else f'"{lacked.found}"'
    return f"{lacked.key} wants {lacked.wanted}, found {found}"


def nearest_way(keys: Iterable[KeyFinding]) -> list[KeyFinding]:
    """Return all keys that must hold, and of each ``any`` those of the one alternative that lacks least."""
    leaves: list[KeyFinding] = []
    for key in keys:
        if key.key == "any":
            least: list[KeyFinding] = min((nearest_way(part.parts) for part in key.parts), key=_distance)
            leaves += least
        elif key.key == "all":
            leaves += [leaf for part in key.parts for leaf in nearest_way(part.parts)]
        else:
            leaves.append(key)
    return leaves


def _distance(leaves: list[KeyFinding]) -> tuple[int, float]:
    return sum(not leaf.held for leaf in leaves), -sum(leaf.closeness for leaf in leaves)


def _explain_key(key: str, spec: Any, occurrence: Occurrence) -> Iterator[KeyFinding]:
    if key in ("attributes", "context"):
        for name, value in spec.items():
            held = compile_matcher({key: {name: value}})(occurrence)
            there = getattr(occurrence, key).get(name)
            close = closeness.of_value(there, held=held)
            yield KeyFinding(f"{key}.{name}", _shown(value), held, _shown(there), closeness=close)
    elif key in ("message", "exception_name"):
        for name, value in (spec if isinstance(spec, Mapping) else {"equals": spec}).items():
            held = compile_matcher({key: {name: value}})(occurrence)
            found = _text_found(key, name, value, occurrence)
            text = occurrence.message if key == "message" else ""
            there = found if text or key != "message" else ""
            told = closeness.of_found(name, there) if held else closeness.of_text(name, as_list(value), text)
            yield KeyFinding(f"{key}.{name}", _shown(value), held, found, closeness=told)
    elif key == "plugin":
        yield from (_answer(asked, occurrence) for asked in spec.values())
    elif key in ("any", "all", "not"):
        yield _combination(key, spec, occurrence)
    elif key == "exception":
        held = compile_matcher({key: spec})(occurrence)
        close = closeness.of_exception([short_name(name) for name in as_list(spec)], occurrence)
        yield KeyFinding(key, _shown(spec), held, _exception_found(spec, occurrence), closeness=close)
    else:
        held = compile_matcher({key: spec})(occurrence)
        yield KeyFinding(key, _shown(spec), held, _found(key, spec, occurrence), closeness=float(held))


def _answer(asked: Asked, occurrence: Occurrence) -> KeyFinding:
    told = len(occurrence.faults)
    held = asked.holds(occurrence)
    raised = [type(error).__name__ for _, error in occurrence.faults[told:]]
    found = f"it raised {raised[0]}" if raised else "yes" if held else "no"
    wanted = _shown(dict(asked.parameters)) if asked.parameters else "yes"
    return KeyFinding(f"plugin.{asked.name}", wanted, held, found, closeness=float(held))


def _found(key: str, spec: Any, occurrence: Occurrence) -> str:
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
    wanted = _shown(spec) if key == "not" else f"{len(tables)} tables"
    return KeyFinding(key, wanted, held, found, tuple(parts))


def _exception_found(spec: Any, occurrence: Occurrence) -> str:
    names = {short_name(name) for name in as_list(spec)}
    found = next((name for name in occurrence.mro if name in names), None)
    if found is None:
        return _shown(occurrence.type)
    return found if found == occurrence.type else f"{occurrence.type}, a {found}"


def _cause_found(spec: Any, occurrence: Occurrence) -> str:
    if not occurrence.causes:
        return _NO_CAUSE
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
    return next(matching, _shown(occurrence.type))


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
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, list | tuple):
        return _listed([str(item) for item in value])
    text = _table_text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _listed(items: list[str]) -> str:
    """The first items, as many as fit, and how many others there are."""
    shown = 1
    while shown < len(items) and len(", ".join(items[: shown + 1])) <= _SHOWN:
        shown += 1
    text = ", ".join(items[:shown])
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
    return text if shown >= len(items) else f"{text} and {len(items) - shown} more"


def _table_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_shown(item)}" for key, item in value.items())
    return str(value)
