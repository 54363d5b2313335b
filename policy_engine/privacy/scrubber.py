"""The scrubber that every error passes once, at the entry: its messages, its contexts, its attributes.

Owns the fast path of ordinary contexts: where all names are known to be harmless and all values are plain, their texts
are looked over together in one pass.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from policy_engine.privacy.bound import bound_parameters
from policy_engine.privacy.detectors import chosen
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.leaves import Leaves
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.named import named_values
from policy_engine.privacy.own import Looks, of_plugins, of_policy
from policy_engine.privacy.pairs import PairScrubber
from policy_engine.privacy.reports import validation_reports
from policy_engine.privacy.statements import sql
from policy_engine.privacy.structure import NAMED_VALUES, Json, Shape, Walk
from policy_engine.privacy.text import TextScrubber

if TYPE_CHECKING:
    from policy_engine.privacy.pseudonyms import Pseudonyms

DEFAULT_BOUNDS = {"message_length": 8192, "text_length": 1024, "context_items": 64, "context_depth": 6}

_WIDEST_PLAIN = 10**12
"""Integers up to here are no card numbers and fit anywhere."""

_KNOWN_NAMES = 4096
_LONGEST_NAME = 200
_SHOWN = (Action.KEEP, Action.WEIGH)
_BETWEEN_TEXTS = "|"
"""Printable, and nothing that holds digits together."""


class Scrubber:
    """Takes secrets out of what an error brings along. Compiled once; holds no state but caches; safe in threads."""

    __slots__ = ("_known", "_leaves", "_message_length", "_names", "_rules", "_shape", "_texts", "lacks_key")

    def __init__(self, rules: FieldRules, leaves: Leaves, shape: Shape, message_length: int) -> None:
        self._texts = leaves.texts
        self._rules = rules
        self._leaves = leaves
        self._shape = shape
        self._message_length = message_length
        self._known: dict[str, Action] = {}
        self._names: dict[str, str] = {}
        self.lacks_key = rules.pseudonymises and not shape.has_key
        """Whether fields are to become pseudonyms whose key is not to be had: they are left out instead."""

    def text(self, text: str) -> str:
        """Return a message, note or line without secrets, at most ``message_length`` characters of it."""
        return self._texts.scrub(text if type(text) is str else str.__str__(text), self._message_length)

    def whole(self, text: str) -> str:
        """Return a text without secrets, whatever its length: for what is not kept, but handed on."""
        return self._texts.scrub(text, sys.maxsize)

    def name(self, name: str) -> str:
        """Return the name of a module or function as `text` would; names are few, and remembered."""
        known = self._names.get(name)
        if known is None:
            known = self._texts.scrub(name if type(name) is str else str.__str__(name), self._leaves.text_length)
            if len(self._names) < _KNOWN_NAMES and len(name) <= _LONGEST_NAME:
                self._names[name] = known
        return known

    def value(self, value: object) -> Json:
        """Return any value JSON-ready, in bounds and without secrets; of an unknown type, only its name."""
        return Walk(self._leaves, self._rules, self._shape).value(value)

    def mapping(self, context: object) -> dict[str, Any]:
        """Return a context or attributes as `value` would, and always a dict."""
        if type(context) is dict and len(context) <= self._shape.items:
            plain = self._plain(context)
            if plain is not None:
                return plain
        shown = self.value(context)
        return shown if type(shown) is dict else {"value": shown}

    def _plain(self, context: dict[Any, Any]) -> dict[str, Any] | None:
        """Replace what is to be replaced in a context that is ordinary; ``None`` where it takes a walk."""
        out = context.copy()
        texts: dict[str, str] = {}
        weighed: list[str] = []
        nested: Walk | None = None
        for key, value in out.items():
            action = self._known.get(key) or self._learn(key) if type(key) is str else None
            if action is None:
                return None
            kind = type(value)
            if action in _SHOWN and kind is str and len(value) <= self._leaves.text_length:
                texts[key] = value
                if action is Action.WEIGH:
                    weighed.append(key)
            elif action not in _SHOWN or not (
                value is None
                or kind is bool
                or (kind is int and -_WIDEST_PLAIN < value < _WIDEST_PLAIN)
                or (kind is float and value - value == 0.0)
            ):
                nested = nested or Walk(self._leaves, self._rules, self._shape).inside(context)
                out[key] = nested.field(value, action)
        if texts and self._are_suspicious(texts.values()):
            for key, value in texts.items():
                out[key] = self._leaves.show(value)
        for key in weighed:
            if self._leaves.is_random(out[key]):
                out[key] = MARKER
        return out

    def _are_suspicious(self, texts: Collection[str]) -> bool:
        # The texts together first: what cannot be printed is found so, and no pattern could be asked about it.
        together = self._texts.is_suspicious(_BETWEEN_TEXTS.join(texts))
        return together or (self._texts.searches and any(map(self._texts.is_found_in, texts)))

    def _learn(self, key: str) -> Action | None:
        """Return what a field's name asks for; ``None`` for a name that is itself changed, or needs a walk."""
        action = self._rules.decide(key)
        if key in NAMED_VALUES or self._leaves.scrub_key(key) != key:
            return None
        if action is Action.PSEUDONYM and not self._shape.has_key:
            return None
        if len(self._known) < _KNOWN_NAMES:
            self._known[key] = action
        return action


_NONE: Mapping[str, Looks] = {}


def compile_privacy(
    section: Mapping[str, Any], bounds: Mapping[str, int], brought: Mapping[str, Looks] = _NONE
) -> Scrubber:
    """Return the scrubber of a policy's ``[privacy]`` section within its ``[bounds]``; missing keys take defaults.

    ``brought`` are the detectors of plugins.

    Raises:
        ValueError: a detector that is listed is neither in the table nor brought.
        re2.error: RE2 refuses a pattern.
    """
    limits = {**DEFAULT_BOUNDS, **bounds}
    pseudonymised = section.get("pseudonymise", {})
    pseudonyms = _pseudonyms(pseudonymised)
    rules = FieldRules(section.get("fields", ()), pseudonymised.get("fields", ()))

    def replace(value: str, action: Action) -> str:
        return pseudonyms.of(value) if action is Action.PSEUDONYM and pseudonyms is not None else MARKER

    names = section.get("detectors")
    own = (*of_plugins(brought, names), *of_policy(section.get("patterns", {})))
    listed = None if names is None else [name for name in names if name not in brought]
    by_names = (bound_parameters(rules), sql(rules), validation_reports(rules), named_values(rules))
    detectors = (*by_names, *chosen(listed), *own)
    texts = TextScrubber(detectors, rules.spellings(), PairScrubber(rules, replace))
    cards = any(detector.name == "credit_card" for detector in detectors)
    leaves = Leaves(texts, replace, limits["text_length"], cards)
    shape = Shape(limits["context_items"], limits["context_depth"], has_key=pseudonyms is not None)
    return Scrubber(rules, leaves, shape, limits["message_length"])


def _pseudonyms(section: Mapping[str, Any]) -> Pseudonyms | None:
    """The maker of pseudonyms; ``None`` where none are asked for, or their key is not to be had."""
    if not section:
        return None
    from policy_engine.privacy.keys import keys_of  # with it come the means to make a keyed hash

    return next(keys_of(section)).pseudonyms
