"""Words for findings: the user's own text quoted, names joined, the nearest name that would have been right."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

_LONGEST = 60
_MOST_LISTED = 12


def quoted(value: object) -> str:
    """Return a value as a policy would have it, on one line, cut where it is long."""
    text = toml(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}...{text[-1]}"


def toml(value: Any) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


def listed(names: Iterable[str], *, last: str = "or") -> str:
    """Return names in quotes: ``"a", "b" or "c"``."""
    each = [f'"{name}"' for name in names]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} {last} {each[-1]}"


def nearest(name: str, known: Collection[str], *, alike: float = 0.6) -> str | None:
    """Return the known name that ``name`` most likely was meant to be; ``alike`` is from 0 (nothing) to 1 (all)."""
    if name in known:
        return name
    plain = {_plain(each): each for each in sorted(known, reverse=True)}
    close = get_close_matches(_plain(name), sorted(plain), n=1, cutoff=alike)
    return plain[close[0]] if close else None


def suggestion(name: str, known: Collection[str], *, otherwise: str = "known here") -> str | None:
    """Return the help for an unknown name: the nearest one, or all where they are few."""
    close = nearest(name, known)
    if close is not None:
        return f'did you mean "{close}"?'
    if not known or len(known) > _MOST_LISTED:
        return None
    return f"{otherwise}: {', '.join(known)}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
