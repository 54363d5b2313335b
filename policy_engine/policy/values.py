"""What a TOML value counts as: stricter than JSON Schema, which takes 5.0 for whole and lets nan through bounds.

A value of the wrong kind is one mistake with one code: not finite, too large, not whole, a date, or just another kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

_LARGEST = 2**63 - 1

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


class Wrong(NamedTuple):
    """Why a value does not do: the code of the mistake, what follows the name of the key, and what to do."""

    code: str
    message: str
    help: str | None = None


def is_integer(value: object) -> bool:
    """Whether a value is a whole number that fits into 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and -_LARGEST - 1 <= value <= _LARGEST


def is_number(value: object) -> bool:
    """Whether a value is a finite number that fits into 64 bits."""
    return math.isfinite(value) if isinstance(value, float) else is_integer(value)


def kind_of(value: object) -> str:
    """Return what a value is, in words."""
    for types, words in (
        (bool, "true or false"),
        (str, "text"),
        (int, "a whole number"),
        (float, "a decimal number"),
        (list, "a list"),
        (dict, "a table"),
        (datetime, "a date and time"),
        (date, "a date"),
        (time, "a time of day"),
    ):
        if isinstance(value, types):
            return words
    return "something else"


def wrong_kind(value: Any, wanted: Sequence[str], *, duration: bool = False, as_header: str = "") -> Wrong:
    """Say why ``value`` is none of the ``wanted`` JSON types.

    ``duration``: the text wanted is a duration. ``as_header``: the value is a table or a list of tables of that name.
    """
    numeric = "integer" in wanted or "number" in wanted
    if isinstance(value, float) and not math.isfinite(value) and numeric:
        return Wrong("PE118", f"is {value}, which is not a finite number")
    if isinstance(value, int) and not isinstance(value, bool) and not is_integer(value) and numeric:
        return Wrong("PE119", "does not fit into 64 bits")
    words = "a duration" if duration else _in_words(wanted)
    if isinstance(value, float) and numeric:
        advice = f"write {int(value)}" if value.is_integer() and abs(value) < _LARGEST else None
        return Wrong("PE120", f"must be {words}, not {value!r}", advice)
    if isinstance(value, date | time):
        advice = 'write a duration such as "30s"' if duration else "put it in quotes where text is wanted"
        return Wrong("PE121", f"must be {words}, not {kind_of(value)}", advice)
    return Wrong(
        "PE113", f"must be {words}, not {kind_of(value)}", _advice(value, wanted, as_header, duration=duration)
    )


def _in_words(wanted: Sequence[str]) -> str:
    kinds = [kind for kind in wanted if not (kind == "integer" and "number" in wanted)]
    words = [_WORDS[kind] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _advice(value: Any, wanted: Sequence[str], as_header: str, *, duration: bool) -> str | None:
    if duration and isinstance(value, int | float) and not isinstance(value, bool):
        shown = f"{value:g}" if math.isfinite(value) and 0 <= value < 1e9 else "30"
        return f'write a number and its unit in quotes, as in "{shown}s"'
    if isinstance(value, str):
        return _advice_on_text(value, wanted)
    if as_header and isinstance(value, dict) and "array" in wanted:
        return f"write [[{as_header}]], in double brackets"
    if as_header and isinstance(value, list) and "object" in wanted:
        return f"write [{as_header}], in single brackets"
    if "string" in wanted and isinstance(value, bool | int | float):
        return "put it in quotes"
    return None


def _advice_on_text(value: str, wanted: Sequence[str]) -> str | None:
    if "boolean" in wanted and value.lower() in ("true", "false"):
        return f"write {value.lower()}, without quotes"
    if "integer" in wanted and value.strip().isdecimal():
        return "write it without quotes"
    if "number" in wanted and value.strip().replace(".", "", 1).isdecimal():
        return "write it without quotes"
    if "array" in wanted:
        return "put it in brackets: [ ... ]"
    return None
