"""Fields inside a text: finds the value that belongs to a field's name, and masks it where the name asks for it.

Knows field rules and nothing of detectors. Starts from the places where a field's spelling was found and looks only at
their surroundings, so the cost follows the number of such places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from policy_engine.privacy.fields import Action, FieldRules, words_of
from policy_engine.privacy.notations import Key, goes_on_as_prose, has_value, value_of
from policy_engine.privacy.prose import is_nothing, looks_random
from policy_engine.privacy.spans import Span, run_end
from policy_engine.privacy.words import COUNTED_BY, SIGNATURES

_LONGEST_KEY = 64
_KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"
_PASSWORD = re.compile(r"(?i)pass|pwd|kennwort|senha")
_KEY_REST = re.compile(r"[\w.\-$]{0,64}+")
_PATH = re.compile(r"[A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){0,8}|[A-Za-z0-9-]{1,16}")
_QUOTES = ("'", '"', "\\")
_WEIGHED = 160
"""How many characters of a value are looked at whose name promises nothing."""

_SAYS_NOTHING = frozenset({"id", "value", "key", "data", "raw", "hash"})
"""Last parts of a dotted name that leave it to the parts before them."""

_SCHEMES = frozenset({
    "anonymous", "basic", "bearer", "digest", "gssapi", "hmac", "jwt", "kerberos", "ldap", "login", "md5", "mtls",
    "negotiate", "ntlm", "oauth", "oauth2", "plain", "saml", "sasl", "scram", "simple", "tls", "token",
})  # fmt: skip
"""Ways to authenticate: the value of `auth=simple` is none of the secrets."""

Replace = Callable[[str, Action], str]


class PairScrubber:
    """Masks the values of sensitive fields in a text."""

    __slots__ = ("_replace", "_rules")

    def __init__(self, rules: FieldRules, replace: Replace) -> None:
        self._rules = rules
        self._replace = replace

    def scrub(self, text: str, places: Iterable[tuple[int, int]]) -> str:
        """Return ``text`` with the values masked whose keys stand at ``places`` (start, end), given in order."""
        pieces: list[str] = []
        kept = seen = 0
        for start, end in places:
            if start < seen:
                continue
            key = self._key_around(text, start, end)
            seen = key.end
            found = None if goes_on_as_prose(text, key) else self._secret_of(text, key)
            if found is None:
                continue
            span, action = found
            pieces += (text[kept : span.start], self._replace(text[span.start : span.end], action))
            kept = seen = span.end
        if not pieces:
            return text
        pieces.append(text[kept:])
        return "".join(pieces)

    def _secret_of(self, text: str, key: Key) -> tuple[Span, Action] | None:
        """Return the value to replace that belongs to ``key``."""
        action = self._action(text, key)
        if action is Action.KEEP:
            return None
        span = value_of(text, key, _WEIGHED if action is Action.WEIGH else None)
        if span is None or span.end <= span.start:
            return None
        value = text[span.start : span.end]
        if is_nothing(value) or _repeats(key.name, value):
            return None
        if has_value(text, span) and self._rules.decide(value.rstrip(":")) is not Action.KEEP:
            return None  # a name itself, which has its own value
        if action is Action.WEIGH:
            weighed = None if span.spoken or not looks_random(value) else value_of(text, key)
            return None if weighed is None else (weighed, action)
        return span, action

    def _key_around(self, text: str, start: int, end: int) -> Key:
        """Widen a spelling to the whole name it stands in."""
        before = text[max(0, start - _LONGEST_KEY) : start]
        begin = start - (len(before) - len(before.rstrip(_KEY_CHARACTERS)))
        stop = run_end(_KEY_REST, text, end, len(text))
        name = text[begin:stop]
        return Key(begin, stop, name, _PASSWORD.search(name) is not None or self._rules.is_added(name))

    def _action(self, text: str, key: Key) -> Action:
        """Return what the name asks for, with the word before it, which may turn it: "unexpected token"."""
        name = key.name
        assigned = text[key.end : key.end + 1] == "="
        last = name.rstrip(".").rpartition(".")[2]
        if last != name and not assigned and last not in _SAYS_NOTHING:
            name = last  # "jwt.exceptions.InvalidAudienceError", "auth.example.com"
        if not assigned and text[key.start - 1 : key.start] == " ":
            words = text[max(0, key.start - _LONGEST_KEY) : key.start - 1].rsplit(None, 1)
            if words and words[-1].lower() in COUNTED_BY:
                return Action.KEEP
        if not assigned and text[key.end : key.end + 1] not in _QUOTES and name.lower() in SIGNATURES:
            return Action.WEIGH  # "signature: foo(a, b)" speaks of a function
        return self._rules.decide(name)


def _repeats(name: str, value: str) -> bool:
    """Whether the value only says the name again, as source code does (`auth=auth`, `token=self.token`)."""
    if _PATH.fullmatch(value) is None:
        return False
    said = value.lower().rpartition(".")[2].strip("_")
    own = name.lower().lstrip("-")
    return said == own or said in words_of(name)[-1:] or ("auth" in own and said in _SCHEMES)
