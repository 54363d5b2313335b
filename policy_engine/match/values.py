"""What one value must be: equal to this, one of these, in this range, a text like that.

Knows values alone, not where they come from. A value that is absent (``None``) satisfies only ``exists = false``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ahocorasick_rs import AhoCorasick

from policy_engine.match import regex
from policy_engine.model import Severity

Test = Callable[[object], bool]


def compile_value(spec: Any) -> Test:
    """Compile a scalar (equals), a list (one of) or a table (``from``/``to``, texts, ``exists``) to a test."""
    if isinstance(spec, Mapping):
        return _all_of([_table_test(key, value) for key, value in _paired_range(spec)])
    if isinstance(spec, list):
        if all(isinstance(item, str) for item in spec):
            texts = frozenset(spec)
            return lambda value: isinstance(value, str) and value in texts
        # The type stands beside the value because True equals 1 in Python and must not here.
        wanted = frozenset(_typed(item) for item in spec)
        return lambda value: _typed(value) in wanted
    return _equals(spec)


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def text_test(key: str, wanted: Sequence[str], *, ignore_case: bool) -> Callable[[str], bool]:
    """Compile one key of a text table; any of ``wanted`` will do. With ``ignore_case`` the text comes in lower case."""
    if key == "regex":
        return regex.searcher(wanted, ignore_case=ignore_case)
    words = tuple(word.lower() for word in wanted) if ignore_case else tuple(wanted)
    if key == "contains":
        if len(words) == 1:
            word = words[0]
            return lambda text: word in text
        # One pass for all words, as the index makes it.
        find = AhoCorasick(words).find_matches_as_indexes
        return lambda text: bool(find(text))
    if key == "starts_with":
        return lambda text: text.startswith(words)
    if key == "ends_with":
        return lambda text: text.endswith(words)
    return lambda text: text in words


def _paired_range(spec: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs = [(key, value) for key, value in spec.items() if key not in ("from", "to")]
    if "from" in spec or "to" in spec:
        pairs.append(("range", (spec.get("from"), spec.get("to"))))
    return pairs


def _table_test(key: str, wanted: Any) -> Test:
    if key == "exists":
        return (lambda value: value is not None) if wanted else (lambda value: value is None)
    if key == "range":
        return _between(*wanted)
    test = text_test(key, as_list(wanted), ignore_case=False)
    return lambda value: isinstance(value, str) and test(value)


def _between(low: Any, high: Any) -> Test:
    if isinstance(low, str) or isinstance(high, str):
        lowest, highest = Severity(low or Severity.LOW), Severity(high or Severity.CRITICAL)
        allowed = tuple(each for each in Severity if lowest <= each <= highest)
        return lambda value: isinstance(value, Severity) and value in allowed
    bottom = float("-inf") if low is None else low
    top = float("inf") if high is None else high
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and bottom <= value <= top


def _equals(wanted: Any) -> Test:
    if isinstance(wanted, str):
        return lambda value: value == wanted
    if isinstance(wanted, bool):
        return lambda value: value is wanted
    return lambda value: value == wanted and not isinstance(value, bool)


def _typed(value: object) -> tuple[bool, object]:
    try:
        hash(value)
    except TypeError:
        return False, None
    return isinstance(value, bool), value


def _all_of(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)
