"""The scrubbing of single values: texts, bytes, numbers, dates, and what a sensitive field holds.

Knows no collections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from policy_engine.privacy.fields import Action
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.objects import is_a, type_name
from policy_engine.privacy.personal import is_card
from policy_engine.privacy.plain import decoded, real_number, standard_text, whole_number
from policy_engine.privacy.prose import is_nothing, looks_random
from policy_engine.privacy.text import TextScrubber

Leaf = None | bool | int | float | str
Replace = Callable[[str, Action], str | None]

_LONGEST_KEY = 128
_SHORTEST_CARD = 10**12
_LONGEST_CARD = 10**19


@dataclass(frozen=True, slots=True)
class Leaves:
    """Renders single values."""

    texts: TextScrubber
    replace: Replace
    text_length: int
    cards: bool
    """Whether card numbers are looked for, among integers too."""

    def show(self, value: object) -> Leaf:
        """Return what is shown of ``value``, which is no collection; of an unknown type, its name."""
        if value is None or type(value) is bool:
            return value
        if is_a(value, int):
            return self._whole(int.__int__(value))
        if is_a(value, float):
            return real_number(float.__float__(value))
        text, unseen = self._written(value)
        if text is None:
            text = standard_text(value) or type_name(type(value))
        return self.texts.scrub(text, self.text_length, unseen)

    def show_secret(self, value: object, action: Action) -> Leaf:
        """Return what is shown of the value of a field that is to be masked or replaced by a pseudonym."""
        if value is None or type(value) is bool:
            return value
        text, _ = self._written(value)
        if text is not None and is_nothing(text):
            return self.texts.scrub(text.strip(), self.text_length)  # a control character around it would become a sign
        if action is not Action.PSEUDONYM:
            return MARKER
        if text is None:
            text = str(whole_number(int.__int__(value))) if is_a(value, int) else standard_text(value)
        return MARKER if text is None else self.replace(text, action) or MARKER

    def name(self, value: object) -> str:
        """Return ``<module.QualName>`` of the type of ``value``."""
        return self.texts.scrub(type_name(type(value)), self.text_length)

    def text_of(self, name: object) -> str | None:
        """Return a field's name as a plain string; ``None`` where it is neither a string nor bytes."""
        if type(name) is str:
            return name
        return self._written(name)[0]

    def scrub_key(self, key: str) -> str:
        """Return a field's name as it is shown."""
        return self.texts.scrub(key, _LONGEST_KEY)

    def is_random(self, shown: object) -> bool:
        """Whether a scrubbed value looks random, under a name that promises nothing."""
        return type(shown) is str and looks_random(shown)

    def _whole(self, value: int) -> int | str:
        if self.cards and _SHORTEST_CARD <= value < _LONGEST_CARD and is_card(str(value)):
            return MARKER
        return whole_number(value)

    def _written(self, value: object) -> tuple[str | None, int]:
        """The text of a string or of bytes, and how many bytes were not looked at; ``None`` for other types."""
        if is_a(value, str):
            return str.__str__(value), 0
        if is_a(value, bytes):
            return decoded(bytes.__getitem__(value, slice(None)), self.text_length)
        if type(value) is bytearray:
            return decoded(value, self.text_length)
        return None, 0
