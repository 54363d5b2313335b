"""Fields inside a text: `key=value`, `key: value`, JSON, Python, header and XML spellings, judged by the key's name.

Knows field rules and nothing of detectors. Starts from the places where a field's spelling was found and looks only at
their surroundings, so the cost follows the number of such places. A colon may open a sentence
("password: must be longer"): there, words of prose are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.prose import is_nothing, looks_random, opens_a_sentence
from policy_engine.privacy.spans import Span, line_span, token_span, value_span

_LONGEST_KEY = 64
_KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"

_KEY_REST = re.compile(r"[\w.\-$]{0,64}+")
_SEPARATOR = re.compile(
    r"""(?P<close>(?:\\{0,4}["'`\])]){0,3}+)[ \t]{0,8}(?P<sign>=>|:=|={1,3}+|:(?!:)|%3[DdAa])(?P<space>[ \t]{0,8})"""
)
_PAIR_COMMA = re.compile(r"""\\{0,4}["'],\s{0,8}(?=[bB]?\\{0,4}["'])""")
_ELEMENT = re.compile(r"(?:\s[^<>]{0,256}+)?>")
_SPOKEN = re.compile(r""" (?:(?:is|was|of|by) )?(?=["'`]?\w)""")
_FLAG = re.compile(r" (?![\s-])")
_PASSWORD = re.compile(r"(?i)pass|pwd|kennwort|senha")
_WHOLE_LINE = re.compile(r"(?i)cookie|authorization|passphrase|mnemonic|seed.?phrase")
_SCHEME = re.compile(r"(?i)(?:basic|bearer|token|negotiate|ntlm|api-?key)[ \t]+(?=\S)")
_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){1,31}+(?=\s*(?:\Z|[\r\n,;\"')\]}]))")

Replace = Callable[[str, Action], str]


class _Key(NamedTuple):
    """A field's name as it stands in the text."""

    start: int
    end: int
    name: str


class PairScrubber:
    """Masks the values of sensitive fields in a text."""

    __slots__ = ("_replace", "_rules")

    def __init__(self, rules: FieldRules, replace: Replace) -> None:
        self._rules = rules
        self._replace = replace

    def scrub(self, text: str, places: Iterable[tuple[int, int]]) -> str:
        """Return ``text`` with the values masked whose keys stand at ``places`` (start, end), given in order."""
        pieces: list[str] = []
        kept = 0
        for start, end in places:
            if start < kept:
                continue
            found = self._secret_at(text, start, end)
            if found is None:
                continue
            span, action = found
            pieces += (text[kept : span.start], self._replace(text[span.start : span.end], action))
            kept = span.end
        if not pieces:
            return text
        pieces.append(text[kept:])
        return "".join(pieces)

    def _secret_at(self, text: str, start: int, end: int) -> tuple[Span, Action] | None:
        """Return the value to replace that belongs to the key around ``start``."""
        key = _key_around(text, start, end)
        separator = _SEPARATOR.match(text, key.end)
        span = _spoken_value(text, key) if separator is None else _value_after(text, key, separator)
        if span is None or span.end <= span.start:
            return None
        action = self._rules.decide(_with_word_before(text, key))
        if action is Action.KEEP:
            return None
        value = text[span.start : span.end]
        if is_nothing(value) or (action is Action.WEIGH and not looks_random(value)):
            return None
        return span, action


def _key_around(text: str, start: int, end: int) -> _Key:
    """Widen a spelling to the whole name it stands in."""
    before = text[max(0, start - _LONGEST_KEY) : start]
    begin = start - (len(before) - len(before.rstrip(_KEY_CHARACTERS)))
    stop = _end(_KEY_REST, text, end)
    return _Key(begin, stop, text[begin:stop])


def _with_word_before(text: str, key: _Key) -> str:
    """The name with the word before it, which may make something else of it: "unexpected token"."""
    if text[key.start - 1 : key.start] != " ":
        return key.name
    words = text[max(0, key.start - _LONGEST_KEY) : key.start - 1].rsplit(None, 1)
    return f"{words[-1]} {key.name}" if words and words[-1].isalpha() else key.name


def _value_after(text: str, key: _Key, separator: re.Match[str]) -> Span | None:
    """The value after ``=`` or ``:``; ``None`` where a colon opens a sentence."""
    at = separator.end()
    opened = text[key.start - 1 : key.start]
    if _WHOLE_LINE.search(key.name) and not separator["close"]:
        span = _header_value(text, at, opened if opened and opened in "\"'`" else "", separator["sign"])
    else:
        span = value_span(text, at)
    if separator["sign"] != ":" or span.quoted or separator["close"] or not separator["space"]:
        return span
    wordy = _PASSWORD.search(key.name) is not None
    if opens_a_sentence(text, at, one_word_is_enough=not wordy):
        return None
    words = _WORDS.match(text, at) if wordy else None
    return span if words is None else Span(at, max(span.end, words.end()), quoted=False)


def _header_value(text: str, at: int, closing: str, sign: str) -> Span:
    """The value of a field that may hold spaces: a scheme and its token, else all that is left of the line."""
    span = value_span(text, at)
    if span.quoted:
        return span
    scheme = _SCHEME.match(text, at)
    if scheme is not None and sign != ":":
        return Span(at, token_span(text, scheme.end()).end, quoted=False)
    return line_span(text, at, closing)


def _spoken_value(text: str, key: _Key) -> Span | None:
    """The value that follows a name without a sign: an option, an XML element, a pair, or a spoken "token abc123"."""
    if key.name.startswith("-") and (flag := _FLAG.match(text, key.end)) is not None:
        return value_span(text, flag.end())
    comma = _PAIR_COMMA.match(text, key.end)
    if comma is not None:
        return value_span(text, comma.end())
    if text[key.start - 1 : key.start] in ("<", ":") and (element := _ELEMENT.match(text, key.end)) is not None:
        return Span(element.end(), _element_end(text, element.end()), quoted=True)
    spoken = _SPOKEN.match(text, key.end)
    if spoken is None:
        return None
    span = value_span(text, spoken.end())
    value = text[span.start : span.end]
    said = _PASSWORD.search(key.name) is not None and (span.quoted or len(spoken[0]) > 1)
    if looks_random(value) or (said and not opens_a_sentence(value, 0, one_word_is_enough=not span.quoted)):
        return span
    return None


def _element_end(text: str, at: int) -> int:
    """Where an XML element's text ends; at ``at`` where it is no element."""
    end = text.find("<", at)
    return end if end >= 0 and text.startswith("</", end) else at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern ends that may match nothing."""
    match = pattern.match(text, at)
    return at if match is None else match.end()
