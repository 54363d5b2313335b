"""A match table compiled: a tree of parts, each a plain predicate over an occurrence, and what it must find.

Knows the words of the match language, not who uses them. Compiled once; evaluation allocates nothing and calls no
foreign code, but where a table asks a plugin's matcher, and all else in it holds. `Anchor`s are what an occurrence must
hold for the matcher to have a chance: an index skips it otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from policy_engine.match import regex
from policy_engine.match.asked import Asked
from policy_engine.match.values import Test, as_list, compile_value, text_test
from policy_engine.model import Cause, Occurrence, short_name

Predicate = Callable[[Occurrence], bool]
MessageTest = Callable[[str, str], bool]
NamesTest = Callable[[tuple[str, ...]], bool]

_MAX_CACHED_TYPES = 1024


class AnchorKind(Enum):
    """Where an anchor is looked for."""

    TYPE = "type"
    NAME = "name"
    CAUSE_TYPE = "cause type"
    CAUSE = "cause"
    ATTRIBUTE = "attribute"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something that must be there: a type, a cause, an attribute, or a lower-case word in names or message.

    A cause without a text is any cause at all.
    """

    kind: AnchorKind
    text: str


Anchors = frozenset[Anchor] | None
"""One of these must be there; ``None`` where nothing must."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to satisfy a matcher: what must hold, and its anchors."""

    holds: Predicate
    anchors: Anchors = None
    names_hold: NamesTest | None = None
    """What ``holds`` asks of the names on the MRO alone, so that it need be asked only once for each MRO."""


@dataclass(frozen=True, slots=True)
class Part:
    """One key of a match table: whether it holds, its anchors, and the ways to satisfy it where there are several."""

    holds: Predicate
    anchors: Anchors = None
    ways: tuple[Way, ...] = ()
    names_hold: NamesTest | None = None


@dataclass(frozen=True, slots=True)
class Matcher:
    """All keys of one match table must hold; an empty table matches everything."""

    table: Mapping[str, Any]
    holds: Predicate
    anchors: Anchors
    ways: tuple[Way, ...]
    """The matcher holds when one of these does: an index tries only those whose anchors it found."""

    def __call__(self, occurrence: Occurrence) -> bool:
        """Whether the occurrence matches."""
        return self.holds(occurrence)


def compile_matcher(table: Mapping[str, Any]) -> Matcher:
    """Compile a schema-valid match table.

    Raises:
        re2.error: a pattern that RE2 refuses.
    """
    parts = {key: _PARTS[key](value) if key in _PARTS else _field_part(key, value) for key, value in table.items()}
    # An exception to the rule is asked late: it holds for nearly everything. A plugin is asked last.
    unless = [parts.pop(key) for key in ("not", "plugin") if key in parts]
    whole = _joined([*parts.values(), *unless])
    choice = parts.pop("any", None)
    rest = list(parts.values())
    ways = (whole,) if choice is None else tuple(_joined([*rest, way, *unless]) for way in choice.ways)
    return Matcher(table, whole.holds, whole.anchors, ways)


def _joined(parts: Sequence[Part | Way]) -> Way:
    return Way(
        _every([part.holds for part in parts]),
        _tightest([part.anchors for part in parts]),
        _both([part.names_hold for part in parts if part.names_hold is not None]),
    )


def _both(tests: Sequence[NamesTest]) -> NamesTest | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda mro: all(test(mro) for test in tests)


def folded(occurrence: Occurrence) -> str:
    """The message in lower case, computed once an occurrence."""
    text = occurrence.folded
    if not text:
        text = occurrence.folded = occurrence.message.lower()
    return text


def _exception_part(spec: Any) -> Part:
    names = frozenset(short_name(name) for name in as_list(spec))
    anchors = frozenset(Anchor(AnchorKind.TYPE, name) for name in names)
    if len(names) == 1:
        (name,) = names
        return Part(lambda occurrence: name in occurrence.mro, anchors, names_hold=lambda mro: name in mro)
    return Part(
        lambda occurrence: not names.isdisjoint(occurrence.mro),
        anchors,
        names_hold=lambda mro: not names.isdisjoint(mro),
    )


def _exception_name_part(spec: Any) -> Part:
    test, words = _names_test(spec)
    anchors = None if words is None else frozenset(Anchor(AnchorKind.NAME, word) for word in words)
    return Part(lambda occurrence: test(occurrence.mro), anchors, names_hold=test)


def _names_test(spec: Any) -> tuple[NamesTest, tuple[str, ...] | None]:
    """The test of the names on an MRO, remembered for each of them, and words of which one name must hold one."""
    test, words = _message_test(spec)
    return lru_cache(_MAX_CACHED_TYPES)(lambda mro: any(test(name, name.lower()) for name in mro)), words


def _message_part(spec: Any) -> Part:
    test, words = _message_test(spec)
    anchors = None if words is None else frozenset(Anchor(AnchorKind.WORD, word) for word in words)
    return Part(lambda occurrence: test(occurrence.message, folded(occurrence)), anchors)


def _message_test(spec: Any) -> tuple[MessageTest, tuple[str, ...] | None]:
    """The test of a text (as it is, and in lower case), and lower-case words of which it must hold one."""
    table = spec if isinstance(spec, Mapping) else {"equals": spec}
    tests, choices = [], []
    for name, value in table.items():
        wanted = [str(item) for item in as_list(value)]
        tests.append(_message_key_test(name, text_test(name, wanted, ignore_case=True)))
        choices.append(_required_words(name, wanted))
    known = [words for words in choices if words]
    best = max(known, key=lambda words: min(map(len, words)), default=None)
    if len(tests) == 1:
        return tests[0], best
    return (lambda message, lower: all(test(message, lower) for test in tests)), best


def _message_key_test(name: str, test: Callable[[str], bool]) -> MessageTest:
    # A pattern sees the message as it is, because "(?-i:...)" asks for the case.
    if name == "regex":
        return lambda message, _: test(message)
    return lambda _, lower: test(lower)


def _required_words(name: str, wanted: list[str]) -> tuple[str, ...] | None:
    if name == "regex":
        found = [regex.required_literals(pattern) for pattern in wanted]
        return None if None in found else tuple(word for words in found if words for word in words)
    words = tuple(word.lower() for word in wanted)
    return words if min(map(len, words)) > 0 else None


def _cause_part(spec: Mapping[str, Any]) -> Part:
    tests: list[Callable[[Cause], bool]] = []
    anchors: Anchors = frozenset({Anchor(AnchorKind.CAUSE, "")})
    if "exception_name" in spec:
        names_test, _ = _names_test(spec["exception_name"])
        tests.append(lambda cause: names_test(cause.mro))
    if "exception" in spec:
        names = frozenset(short_name(name) for name in as_list(spec["exception"]))
        anchors = frozenset(Anchor(AnchorKind.CAUSE_TYPE, name) for name in names)
        tests.append(lambda cause: not names.isdisjoint(cause.mro))
    if "message" in spec:
        message_test, _ = _message_test(spec["message"])
        tests.append(lambda cause: message_test(cause.message, cause.message.lower()))
    for name, value in spec.get("attributes", {}).items():
        tests.append(_cause_attribute(name, compile_value(value)))

    def holds(occurrence: Occurrence) -> bool:
        return any(all(test(cause) for test in tests) for cause in occurrence.causes)

    return Part(holds, anchors)


def _cause_attribute(name: str, test: Test) -> Callable[[Cause], bool]:
    return lambda cause: test(cause.attributes.get(name))


def _attributes_part(spec: Mapping[str, Any]) -> Part:
    tests = [(name, compile_value(value)) for name, value in spec.items()]
    # A test that absence satisfies needs no attribute to be there; all others do, so any one of them is an anchor.
    needed = next((name for name, test in tests if not test(None)), None)
    anchors = None if needed is None else frozenset({Anchor(AnchorKind.ATTRIBUTE, needed)})
    if len(tests) == 1:
        only_name, only_test = tests[0]
        return Part(lambda occurrence: only_test(occurrence.attributes.get(only_name)), anchors)
    return Part(lambda occurrence: all(test(occurrence.attributes.get(name)) for name, test in tests), anchors)


def _context_part(spec: Mapping[str, Any]) -> Part:
    tests = [(name, compile_value(value)) for name, value in spec.items()]
    return Part(lambda occurrence: all(test(occurrence.context.get(name)) for name, test in tests))


def _plugin_part(spec: Mapping[str, Asked]) -> Part:
    return Part(_every([asked.holds for asked in spec.values()]))


def _tags_part(spec: Any) -> Part:
    test = compile_value(spec)
    return Part(lambda occurrence: any(test(tag) for tag in occurrence.tags))


def _field_part(key: str, spec: Any) -> Part:
    test = compile_value(spec)
    return Part(lambda occurrence: test(getattr(occurrence, key)))


def _all_part(spec: list[Mapping[str, Any]]) -> Part:
    matchers = [compile_matcher(table) for table in spec]
    return Part(_every([matcher.holds for matcher in matchers]), _tightest([each.anchors for each in matchers]))


def _any_part(spec: list[Mapping[str, Any]]) -> Part:
    matchers = [compile_matcher(table) for table in spec]
    tests = [matcher.holds for matcher in matchers]
    anchors: Anchors = frozenset()
    for matcher in matchers:
        anchors = None if anchors is None or matcher.anchors is None else anchors | matcher.anchors
    return Part(_one_of(tests), anchors, tuple(way for matcher in matchers for way in matcher.ways))


def _not_part(spec: Mapping[str, Any]) -> Part:
    test = compile_matcher(spec).holds
    return Part(lambda occurrence: not test(occurrence))


def _every(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda occurrence: first(occurrence) and second(occurrence)

    def every(occurrence: Occurrence) -> bool:
        # A loop, because a generator for all() costs as much as the tests themselves.
        for test in tests:  # noqa: SIM110
            if not test(occurrence):
                return False
        return True

    return every


def _one_of(tests: list[Predicate]) -> Predicate:
    def one_of(occurrence: Occurrence) -> bool:
        for test in tests:  # noqa: SIM110  as above
            if test(occurrence):
                return True
        return False

    return tests[0] if len(tests) == 1 else one_of


def _tightest(choices: list[Anchors]) -> Anchors:
    """The anchors of the key that lets the fewest occurrences through: words before types, few before many."""
    known = [anchors for anchors in choices if anchors is not None]
    return min(known, key=_looseness, default=None)


def _looseness(anchors: frozenset[Anchor]) -> tuple[bool, int]:
    short = any(anchor.kind is AnchorKind.WORD and len(anchor.text) < regex.MIN_LITERAL for anchor in anchors)
    only_words = all(anchor.kind is AnchorKind.WORD for anchor in anchors)
    return short or not only_words, len(anchors)


_PARTS: Mapping[str, Callable[[Any], Part]] = {
    "exception": _exception_part,
    "exception_name": _exception_name_part,
    "message": _message_part,
    "cause": _cause_part,
    "attributes": _attributes_part,
    "context": _context_part,
    "plugin": _plugin_part,
    "tags": _tags_part,
    "all": _all_part,
    "any": _any_part,
    "not": _not_part,
}
