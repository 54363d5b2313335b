"""The notations in which a text gives a field's value: `key=value`, JSON, headers, options, XML, pairs, speech.

Tells where the value stands, from the name's place; whether the name is sensitive is not asked here. A colon, or no
sign at all, may open a sentence ("password: must be longer"): there, words of prose are no value.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.prose import is_identifier, looks_random, opens_a_sentence
from policy_engine.privacy.spans import Span, line_span, quote_end, token_span, value_span


class Key(NamedTuple):
    """A field's name as it stands in the text."""

    start: int
    end: int
    name: str
    wordy: bool
    """Whether its value may be several words: a password's, or that of a field which a policy adds."""


_SEPARATOR = re.compile(
    r"""(?P<close>(?:\\{0,4}["'`]|%(?:25){0,2}2[27])?\]{0,2}|\)(?==))[^\S\r\n]{0,8}"""
    r"""(?P<sign>=>|[-~]{1,2}>|[\u2192\u21d2]|:=|={1,3}+|:(?!:)|[\uff1a\uff1d]|%(?:25){0,2}3[DdAa](?:\+|%20)?)(?P<space>[^\S\r\n]{0,8})"""
)
_SAYING = frozenset({":", "\uff1a", "->", "-->", "~>", "\u2192", "\u21d2"})
"""Signs after which a sentence may go on."""

_NAME = re.compile(r"[\w.-]{1,64}")
_ENDS = re.compile(r"[.,;!?\n]|\Z")
_GOES_ON = re.compile(r"[.,;!?\n]|\Z| (?!is |was |of |by )[a-z]{1,24}(?:[ .,:;!?\n]|\Z)")
_QUOTES = ("'", '"', "`")
_REACH = 160
"""How far a value is looked at that is refused when it does not look like a secret."""

_COMMA = re.compile(r"""\\{0,4}["'],\s{0,8}(?=[bBuU]?\\{0,4}["'])""")
_ELEMENT = re.compile(r"(?:\s[^<>]{0,256}+)?>")
_SPOKEN = re.compile(r""" (?:(?:is|was|of|by) )?(?=["'`]?\w)""")
_LONG_TOKEN = re.compile(r""" (?:(?:is|was|of|by) )?["'`]?[\w+/=.~-]{12}""")
_OPTION = re.compile(r" (?![\s-])")
_CALL = re.compile(
    r"(?:await )?[A-Za-z_]\w{0,63}+(?:\.\w{1,64}+){0,8}"
    r"(?:\([\w., =*]{0,256}+(?:\)|\Z)|\[[\"']\w{1,64}[\"']\])"
)
_OBJECT = re.compile(r"<[\w.]{1,128} (?:object )?at 0x[0-9a-fA-F]{1,16}>")
_LOGIN = re.compile(r"(?i)\b(?:login|user|username|account)[ =:]{1,2}[^\s]{1,64}+,? (?:and |with )?\Z")
_SECRET = re.compile(r"(?i)(?:token|secret|key|jwt|credentials?)\Z")
_WHOLE_LINE = re.compile(r"(?i)cookie|authorization|passphrase|mnemonic|seed.?phrase")
_SCHEME = re.compile(r"(?i)(?:basic|bearer|token|negotiate|ntlm|api-?key)[ \t]+(?=\S)")
_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){1,31}+(?=\s*(?:\Z|[\r\n,;\"')\]}]))")


def goes_on_as_prose(text: str, key: Key) -> bool:
    """Whether plain words follow the name, so that it has no value; a quick look that spares most texts a long one."""
    if key.wordy or key.name.startswith("-"):
        return _ENDS.match(text, key.end) is not None
    return _GOES_ON.match(text, key.end) is not None


def value_of(text: str, key: Key, reach: int | None = None) -> Span | None:
    """Return the value that belongs to ``key``; ``None`` where it has none.

    With a ``reach``, no more than so many characters after the key are looked at.
    """
    end = len(text) if reach is None else min(len(text), key.end + reach)
    separator = _SEPARATOR.match(text, key.end)
    if separator is not None:
        return _assigned(text, key, separator, end)
    if _is_option(text, key) and (option := _OPTION.match(text, key.end)) is not None:
        return value_span(text, option.end(), end)
    if text[key.start - 1 : key.start] in ("<", ":") and (element := _ELEMENT.match(text, key.end)) is not None:
        return _element(text, element.end(), end)
    if (comma := _COMMA.match(text, key.end)) is not None:
        return _paired(text, key, comma.end(), end)
    return _spoken(text, key)


def has_value(text: str, span: Span) -> bool:
    """Whether what was taken for a value may be the name of a field itself, since a separator follows it."""
    if span.quoted:
        return _NAME.fullmatch(text, span.start, span.end) is not None and _SEPARATOR.match(text, span.end) is not None
    return text[span.end - 1] == ":" and _NAME.fullmatch(text, span.start, span.end - 1) is not None


def _assigned(text: str, key: Key, separator: re.Match[str], end: int) -> Span | None:
    """The value after ``=`` or ``:``; ``None`` where a colon opens a sentence, or a call makes the value."""
    at = separator.end()
    said = separator["sign"] in _SAYING and separator["space"] and not separator["close"]
    if said and opens_a_sentence(text, at, one_word_is_enough=not key.wordy):
        return None
    if _OBJECT.match(text, at) or (separator["sign"] != ":" and _CALL.match(text, at)):
        return None
    if _WHOLE_LINE.search(key.name) and not separator["close"]:
        return _header(text, key, separator, end)
    span = value_span(text, at, end)
    words = _WORDS.match(text, at) if said and key.wordy and not span.quoted else None
    return span if words is None else Span(at, max(span.end, words.end()))


def _header(text: str, key: Key, separator: re.Match[str], end: int) -> Span:
    """The value of a field that may hold spaces: a scheme and its token, else all that is left of the line."""
    at = separator.end()
    if text[at : at + 1] in _QUOTES or text.startswith(MARKER, at):
        return value_span(text, at, end)
    scheme = _SCHEME.match(text, at) if separator["sign"] != ":" else None
    if scheme is not None:
        token = token_span(text, scheme.end(), end)
        if token.end == token.start:
            return Span(at, scheme.end())
        if text[token.end - 1] != ":" and text[token.start] not in _QUOTES:
            return Span(at, token.end)
    opened = text[key.start - 1 : key.start]
    return line_span(text, at, end, opened if opened in _QUOTES else "")


def _element(text: str, at: int, end: int) -> Span | None:
    """The text of an XML element."""
    closing = text.find("<", at, end)
    return Span(at, closing, quoted=True) if closing >= 0 and text.startswith("</", closing) else None


def _is_option(text: str, key: Key) -> bool:
    """Whether the name is a command's option: `--token`, `-password`."""
    return key.name.startswith("-") and text[key.start - 1 : key.start] in ("", " ", "\n", "\t", "'", '"')


def _paired(text: str, key: Key, at: int, end: int) -> Span | None:
    """The second of ``("name", "value")``, the argument after ``"--name"``, or the one after an option between them."""
    if text.startswith("-", quote_end(text, at)):
        option = value_span(text, at, min(end, at + _REACH))
        following = _COMMA.match(text, option.end)
        return None if following is None else value_span(text, following.end(), end)
    before = text[max(0, key.start - 8) : key.start].rstrip("\\\"'`bBuU")[-1:]
    if before == "(" or _is_option(text, key):
        return value_span(text, at, end)
    if before != "[":
        return None
    span = value_span(text, at, end)
    return None if is_identifier(text[span.start : span.end]) else span


def _spoken(text: str, key: Key) -> Span | None:
    """The secret of "password is hunter2" or "token abc123def456"; random looks or a password's name are needed."""
    if not key.wordy and (_SECRET.search(key.name) is None or _LONG_TOKEN.match(text, key.end) is None):
        return None
    spoken = _SPOKEN.match(text, key.end)
    if spoken is None:
        return None
    span = value_span(text, spoken.end(), min(len(text), spoken.end() + _REACH))
    value = text[span.start : span.end]
    if not looks_random(value):
        said = span.quoted or len(spoken[0]) > 1 or _LOGIN.search(text, max(0, key.start - 80), key.start) is not None
        if not key.wordy or not said or opens_a_sentence(value, 0, one_word_is_enough=not span.quoted):
            return None
    return value_span(text, spoken.end())._replace(spoken=True)
