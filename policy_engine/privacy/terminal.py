"""Texts made safe for terminals and logs: no control characters, no direction changes, nothing UTF-8 cannot hold.

Line breaks and tabs stay: messages of several lines are ordinary, and each sink writes them in its own way. A control
character becomes its picture (ESC is shown as one small sign), so that a reader sees that it was there.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_UNKNOWN = "\ufffd"


def safe(text: str) -> str:
    """Return ``text`` with every unsafe character replaced by one that only shows it."""
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return _UNSAFE.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    return _PICTURES.get(ord(match[0]), _UNKNOWN)
