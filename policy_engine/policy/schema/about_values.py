"""What is wrong with one value: its kind, its form, its size. In words, from what jsonschema found.

Of several findings about one value, the first that has to be put right is told. The schema's ``x-form`` and ``x-not``
say in plain words what a pattern or a refusal means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policy_engine.policy.durations import LONGEST, PATTERN, is_too_long
from policy_engine.policy.schema.mistake import Mistake, Path
from policy_engine.policy.schema.validator import Failure
from policy_engine.policy.schema.wording import quoted, suggestion
from policy_engine.policy.values import Wrong, wrong_kind

_ORDER = ("type", "enum", "const", "pattern", "not")
"""What is told first: a value's kind before what it says, and that before how much."""

_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}
_DURATION = {"name": "a duration", "help": 'write a number and ms, s, m, h or d, as in "30s"'}
_SOME_FORM = {"name": "in the form that is wanted here"}
_UNITS = {"Length": "characters", "Items": "items", "Properties": "keys"}


def about_value(path: Path, found: Sequence[Failure]) -> Mistake:
    """Return the one mistake behind all that was found about the value at ``path``."""
    fault = min(found, key=_rank)
    wrong = _WORDS.get(fault.keyword, _otherwise)(fault)
    if fault.keyword == "uniqueItems":
        path = (*path, _repeated_at(fault.value))
    return Mistake(wrong.code, path, f"{subject(path)} {wrong.message}", wrong.help)


def subject(path: Path) -> str:
    """Return what a sentence about the value at ``path`` begins with."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    last = path[-1] if path else name
    return f'item {last + 1} of "{name}"' if isinstance(last, int) else f'"{name}"'


def _rank(fault: Failure) -> tuple[int, int]:
    order = _ORDER.index(fault.keyword) if fault.keyword in _ORDER else len(_ORDER)
    # Of two lists of types, the shorter one belongs to the branch that was chosen.
    return order, len(_as_list(fault.wanted)) if fault.keyword == "type" else 0


def _kind(fault: Failure) -> Wrong:
    duration = _wanted_form(fault.schema) == _DURATION
    header = "" if any(isinstance(step, int) for step in fault.path) else ".".join(map(str, fault.path))
    return wrong_kind(fault.value, _as_list(fault.wanted), duration=duration, as_header=header)


def _choice(fault: Failure) -> Wrong:
    choices = [str(choice) for choice in _as_list(fault.wanted)]
    advice = suggestion(fault.value, choices, otherwise="it can be") if isinstance(fault.value, str) else None
    return Wrong("PE114", f"cannot be {quoted(fault.value)}", advice or f"it can be: {', '.join(choices)}")


def _form(fault: Failure) -> Wrong:
    form = _wanted_form(fault.schema)
    if form == _DURATION and is_too_long(fault.value):
        help_text = f'the longest duration is "{LONGEST}", and nine digits may follow the point'
        return Wrong("PE115", f"is {quoted(fault.value)}, which has too many digits", help_text)
    return Wrong("PE116", f"is {quoted(fault.value)}, which is not {form['name']}", form.get("help"))


def _wanted_form(schema: Mapping[str, Any]) -> Mapping[str, str]:
    # A plugin's schema has durations too, without our words for them.
    form: Mapping[str, str] = _DURATION if schema.get("pattern") == PATTERN else schema.get("x-form", _SOME_FORM)
    return form


def _refusal(fault: Failure) -> Wrong:
    refusal = fault.schema.get("x-not", {"message": "has a value that is not allowed here"})
    return Wrong("PE115", refusal["message"], refusal.get("help"))


def _bound(fault: Failure) -> Wrong:
    allowed = f"{_BOUNDS[fault.keyword]} {fault.wanted}"
    return Wrong("PE115", f"is {quoted(fault.value)}, but must be {allowed}", _range(fault.schema))


def _range(schema: Mapping[str, Any]) -> str | None:
    if "minimum" in schema and "maximum" in schema:
        return f"it must be from {schema['minimum']} to {schema['maximum']}"
    ends = [f"{words} {schema[key]}" for key, words in _BOUNDS.items() if key in schema]
    return f"it must be {' and '.join(ends)}" if len(ends) > 1 else None


def _size(fault: Failure) -> Wrong:
    if "x-form" in fault.schema:
        return _form(fault)
    if fault.keyword.startswith("min") and not fault.value:
        return Wrong("PE115", "must not be empty")
    limit = "least" if fault.keyword.startswith("min") else "most"
    return Wrong("PE115", f"must have at {limit} {fault.wanted} {_UNITS[fault.keyword[3:]]}")


def _repeated(fault: Failure) -> Wrong:
    return Wrong("PE115", f"repeats {quoted(fault.value[_repeated_at(fault.value)])}", "remove one of the two")


def _repeated_at(values: list[Any]) -> int:
    return next(index for index, item in enumerate(values) if item in values[:index])


def _otherwise(fault: Failure) -> Wrong:
    return Wrong("PE116", "has a value that is not allowed here", fault.schema.get("description"))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_WORDS: dict[str, Callable[[Failure], Wrong]] = {
    "type": _kind,
    "enum": _choice,
    "const": _choice,
    "pattern": _form,
    "not": _refusal,
    "uniqueItems": _repeated,
    **dict.fromkeys(_BOUNDS, _bound),
    **dict.fromkeys((f"{end}{unit}" for end in ("min", "max") for unit in _UNITS), _size),
}
