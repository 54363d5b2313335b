"""Authorization that stands in a text outside its header: "Bearer abc...", "Basic dXNlcjpw...".

Prose about them ("bearer token missing", "basic authentication") is left as it is.
"""

from __future__ import annotations

import base64
import binascii
import re

from policy_engine.privacy.marks import MARKER

_BEARER = re.compile(r"(?i)(?<![A-Za-z0-9_])(bearer[ \t:=]{1,4}[\"']?)([\w.~+/-]{8,}+=*)")
_BASIC = re.compile(r"(?i)(?<![A-Za-z0-9_])(basic[ \t]{1,4}[\"']?)([A-Za-z0-9+/_-]{4,}+={0,2})")
_LONGEST_WORD = 20


def mask_bearer(text: str) -> str:
    """Return ``text`` with bearer tokens masked."""
    return _BEARER.sub(_masked_bearer, text)


def mask_basic(text: str) -> str:
    """Return ``text`` with basic credentials masked: Base64 of ``user:password``."""
    return _BASIC.sub(_masked_basic, text)


def _masked_bearer(match: re.Match[str]) -> str:
    token = match[2].rstrip(".")
    word = len(token) <= _LONGEST_WORD and token.replace("-", "").replace(".", "").isalpha() and token[1:].islower()
    return match[0] if word else f"{match[1]}{MARKER}"


def _masked_basic(match: re.Match[str]) -> str:
    token = match[2].rstrip("=")
    try:
        decoded = base64.urlsafe_b64decode(token.replace("+", "-").replace("/", "_") + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return match[0]
    return f"{match[1]}{MARKER}" if b":" in decoded else match[0]
