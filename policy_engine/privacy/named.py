"""Values in a text whose field's name is a value itself: `{"name": "DB_PASSWORD", "value": "..."}`.

So do HTTP archives, Kubernetes and forms write: in JSON, in a `repr`, in YAML, as attributes of XML. The name and the
value stand in one entry, in either order; an entry ends at a bracket or where a list's next item begins.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from policy_engine.privacy.detectors import Detector
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.prose import is_nothing
from policy_engine.privacy.spans import value_span

_QUOTE = r"""\\{0,4}["']"""
_VALUE = re.compile(
    rf"(?i)(?<![\w.-])(?:{_QUOTE}value{_QUOTE} {{0,2}}[:=]|value=|(?<=\n)[ \t]{{0,64}}value:) {{0,2}}(?=[^\s,])"
)
_NAME = re.compile(
    rf"(?i)(?<![\w.-])(?:{_QUOTE})?(?:name|key|header|field)(?:{_QUOTE})? {{0,2}}[:=] {{0,2}}"
    rf"(?:{_QUOTE}([\w./ -]{{1,128}})|([\w./-]{{1,128}}))"
)
_EDGE = re.compile(r"[{}<>\[\];]|\n[ \t]{0,64}- ?")
_REACH = 256
"""How far from the value its name is looked for."""

_LONGEST_PASSED = 2048
"""A value that is longer has its name before it, or none: so the cost of many open quotes stays linear."""

_FARTHEST = _LONGEST_PASSED + _REACH

_LITERALS = ('value"', "value'", "value\\", "value=", " value:", "\nvalue:")


def named_values(rules: FieldRules) -> Detector:
    """Return the detector of values that are named by another value; names are judged by ``rules``."""

    def mask(text: str) -> str:
        names = [match.start() for match in _NAME.finditer(text) if _is_sensitive(match, rules)]
        if not names:
            return text
        pieces: list[str] = []
        kept = 0
        for match in _VALUE.finditer(text):
            if match.start() < kept or not _any_between(names, match.start() - _REACH, match.end() + _FARTHEST):
                continue
            near = value_span(text, match.end(), min(len(text), match.end() + _LONGEST_PASSED))
            if is_nothing(text[near.start : near.end]) or not _is_secret(text, match.start(), near.end, rules):
                continue
            span = value_span(text, match.end())
            pieces += (text[kept : span.start], MARKER)
            kept = span.end
        return "".join([*pieces, text[kept:]]) if pieces else text

    return Detector("named_values", _LITERALS, mask)


def _is_sensitive(name: re.Match[str], rules: FieldRules) -> bool:
    return rules.decide((name[1] or name[2]).strip()) is Action.MASK


def _any_between(sorted_places: list[int], start: int, end: int) -> bool:
    return bisect_left(sorted_places, start) < bisect_left(sorted_places, end)


def _is_secret(text: str, start: int, end: int, rules: FieldRules) -> bool:
    """Whether the entry around the value between ``start`` and ``end`` names a sensitive field."""
    before = _EDGE.split(text[max(0, start - _REACH) : start])[-1]
    after = _EDGE.split(text[end : end + _REACH], maxsplit=1)[0]
    return any(_is_sensitive(name, rules) for part in (before, after) for name in _NAME.finditer(part))
