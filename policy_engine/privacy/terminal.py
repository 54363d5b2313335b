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
_HIDDEN = re.compile(
    "[\\x1b\u241b]\\[[0-9;?]{0,16}[A-Za-z]|[\\x9b\ufffd][0-9;]{0,16}m|"
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u2400-\u2421\ufffd\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb"
    "\\U000e0000-\\U000e01ef]"
)


def safe(text: str) -> str:
    """Return ``text`` with every unsafe character replaced by one that only shows it."""
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return _UNSAFE.sub(_shown, text)


def without_hidden(text: str) -> str:
    """Return ``text`` without what is not seen, or only as a sign: so reads a name that was broken up by it."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text)


def _shown(match: re.Match[str]) -> str:
    return _PICTURES.get(ord(match[0]), _UNKNOWN)
