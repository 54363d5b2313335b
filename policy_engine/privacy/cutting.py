"""Cutting a text to length so that no half secret is left at the cut.

A secret that is cut in half is no longer recognised but may still be guessed, so the token at the cut goes as a whole,
and with it the groups of digits or capitals before it (a card number, an IBAN).
"""

from __future__ import annotations

import re

from policy_engine.privacy.marks import CUT_TEXT, MARKER

_ROOM_FOR_NOTE = 40
_LONGEST_TOKEN = 1024
"""A token that is longer is cut within: nothing but its own pattern could tell that it is a secret, and still can."""

_GROUPS = re.compile(r"(?<!\S)(?:[A-Z0-9]{1,8}[ -]{1,2}){0,8}[A-Z0-9]{1,8}[ -]{0,2}\Z")


def cut_back(text: str, limit: int) -> str:
    """Return the start of ``text``, at most ``limit`` characters less the room for a note, ending between tokens."""
    room = min(max(limit - _ROOM_FOR_NOTE, 0), len(text) - 1)
    kept = text[:room]
    if not text[room].isspace():
        kept = _without_last_token(kept)
    tail = max(0, len(kept) - 80)
    groups = _GROUPS.search(kept, tail)
    return kept[: groups.start()] if groups is not None and any(map(str.isdigit, groups[0])) else kept


def split_note(text: str) -> tuple[str, int]:
    """Return ``text`` without the note of an earlier cut, and how much that cut dropped."""
    if not text.endswith(" more characters"):
        return text, 0
    note = CUT_TEXT.search(text, max(0, len(text) - _ROOM_FOR_NOTE))
    return (text, 0) if note is None else (text[: note.start()], int(note[1]))


def _without_last_token(kept: str) -> str:
    if not kept or kept[-1].isspace():
        return kept
    token = kept.rsplit(None, 1)[-1]
    if len(token) <= _LONGEST_TOKEN:
        return kept[: len(kept) - len(token)]
    for opening, closing in (("://", "@"), (MARKER[:4], MARKER)):
        found = kept.rfind(opening, len(kept) - len(token))
        if found >= 0 and closing not in kept[found:]:
            return kept[:found]
    return kept
