"""Whether a value exists that satisfies some tests of one place and none of others.

Values are tried, by the compiled tests themselves: absence, true and false, every number at which a test may change its
mind and one between each two, all members of what is enumerated; texts are left to `texts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from policy_engine.match.containment.texts import Words, text_exists
from policy_engine.match.values import Test, as_list, compile_value
from policy_engine.model import Severity

_TEXT_KEYS = frozenset({"contains", "starts_with", "ends_with", "regex"})


class Domain(Enum):
    """What a place may hold."""

    SCALAR = "a scalar, or nothing"
    TEXT = "a text"
    TEXT_OR_NOTHING = "a text, or nothing"
    SEVERITY = "a severity"
    BOOLEAN = "true or false"


@dataclass(frozen=True, slots=True, eq=False)
class ValueTest:
    """One test of a value: a scalar, a list, or a table of one key (a range counts as one)."""

    spec: Any
    holds: Test
    """The test itself, for values that are no texts."""

    def as_words(self) -> Words | bool:
        """What it asks of a text: words, or that any text will do, or none."""
        if not isinstance(self.spec, Mapping):
            texts = tuple(str(value) for value in as_list(self.spec) if isinstance(value, str))
            return Words("equals", texts) if texts else False
        ((key, value),) = self.spec.items() if len(self.spec) == 1 else (("range", None),)
        if key in _TEXT_KEYS:
            return Words(key, tuple(map(str, as_list(value))))
        return bool(value) if key == "exists" else False


def value_tests(spec: Any) -> Iterator[ValueTest]:
    """Yield the tests, all of which a value must pass, that a value table is made of."""
    if not isinstance(spec, Mapping):
        yield ValueTest(spec, compile_value(spec))
        return
    limits = {key: value for key, value in spec.items() if key in ("from", "to")}
    pieces = [{key: value} for key, value in spec.items() if key not in limits]
    for piece in [*pieces, *([limits] if limits else [])]:
        # What asks for a text is satisfied by nothing else, and a pattern takes long to compile.
        yield ValueTest(piece, _never if _TEXT_KEYS.issuperset(piece) else compile_value(piece))


def _never(_value: object) -> bool:
    return False


def value_exists(domain: Domain, wanted: Sequence[ValueTest], unwanted: Sequence[ValueTest]) -> bool | None:
    """Tell whether some value of ``domain`` passes all of ``wanted`` and none of ``unwanted``; ``None``: nobody can."""
    for value in _candidates(domain, (*wanted, *unwanted)):
        if all(test.holds(value) for test in wanted) and not any(test.holds(value) for test in unwanted):
            return True
    return _text_passes(wanted, unwanted) if domain not in (Domain.SEVERITY, Domain.BOOLEAN) else False


def _candidates(domain: Domain, tests: Sequence[ValueTest]) -> Iterator[object]:
    if domain is Domain.SEVERITY:
        yield from Severity
        return
    if domain in (Domain.SCALAR, Domain.BOOLEAN):
        yield from (True, False)
    if domain in (Domain.SCALAR, Domain.TEXT_OR_NOTHING):
        yield None
    if domain is Domain.SCALAR:
        yield from _numbers(tests)


def _numbers(tests: Sequence[ValueTest]) -> Iterator[float]:
    critical = sorted({number for test in tests for number in _named_numbers(test.spec)})
    yield from critical
    for low, high in pairwise(critical):
        # The one is right for large whole numbers, the other for decimal ones.
        yield from ((low + high) // 2, low / 2 + high / 2)
    if critical:
        yield from (float(critical[0]) - _beyond(critical[0]), float(critical[-1]) + _beyond(critical[-1]))
    else:
        yield 0


def _beyond(number: float) -> float:
    # One more than 1e300 is 1e300.
    return max(1.0, abs(float(number)))


def _named_numbers(spec: Any) -> list[float]:
    values = [spec.get("from"), spec.get("to")] if isinstance(spec, Mapping) else spec
    listed = values if isinstance(values, list) else [values]
    return [value for value in listed if isinstance(value, int | float) and not isinstance(value, bool)]


def _text_passes(wanted: Sequence[ValueTest], unwanted: Sequence[ValueTest]) -> bool | None:
    asked = [test.as_words() for test in wanted]
    refused = [test.as_words() for test in unwanted]
    if False in asked or True in refused:
        return False
    return text_exists(
        [words for words in asked if isinstance(words, Words)], [words for words in refused if isinstance(words, Words)]
    )
