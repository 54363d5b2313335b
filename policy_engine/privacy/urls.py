"""User info in URLs and connection strings: `scheme://user:password@host`, malformed ones too.

Query secrets are fields (see pairs). A password that was not escaped may hold `@`, `/`, `?` or `#`, so for any scheme
but the web's the user info reaches to the last `@` before a space or quote; for the web's, to the last `@` before the
path, and beyond it only where what follows the colon is no port. A list of URLs, or a URL in another's path or query,
is one run of characters: each URL in it ends where the next begins, unless its password would be cut by that.
"""

from __future__ import annotations

import re

from policy_engine.privacy.marks import MARKER

_WEB = frozenset({"http", "https", "ws", "wss", "ftp", "ftps"})
_PLAIN_USERS = frozenset({"git", "hg", MARKER})
_ADDRESSES = ("mailto:", "sip:", "sips:", "xmpp:", "acct:")

_URL = re.compile(r"""([A-Za-z][A-Za-z0-9+.\-]{0,31}+)?(:/{1,3}|:?//)([^\s"'<>`]*+)""")
_BARE = re.compile(
    r"""(?<![\w:/@.+\-\]\[])([\w.+\-]{1,64}+:[^\s"'<>`@/]{1,256}+)@(?=[A-Za-z]|\d{1,3}\.\d)(?![0-9a-f]{5,8}\b)"""
)
_NEXT = re.compile(
    r"(?<=[,;|=&?/#(){}\[\]])[A-Za-z][A-Za-z0-9+.\-]{1,31}+://|(?<=[,;|=])//"
    r"|(?i:https?|wss?|ftps?|amqps?|rediss?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?)://"
)
_PORT = re.compile(r"[^:]*:\d{0,5}[,;|]?\Z")
_ENCODED = re.compile(
    r"""(?i)(%(?:25){0,3}3A(?:%(?:25){0,3}2F){1,3})((?:(?!%(?:25){0,3}2F)[^\s"'<>`&@/]){1,256})(?=%(?:25){0,3}40)"""
)
_BOT = re.compile(r"""(?i)(/bot)\d{1,20}(?::|%3a)[^\s/?#"'<>`]++""")

_HOST = re.compile(
    r"""(?i)(\b(?:host ?name|could not resolve(?: host)?:?|lookup|getaddrinfo failed for|with base 10:) {0,2}["']?)"""
    r"""[^\s"'@]{1,256}+@(?=[\w.\-\[])"""
)
_PORT_VALUE = re.compile(
    r"""(?i)((?:port could not be cast to integer value as|invalid port(?: number)?:?) ["']:?)([^"'\r\n]{4,}+)"""
)


def mask_url_credentials(text: str) -> str:
    """Return ``text`` with the user info of every URL masked."""
    text = _BOT.sub(rf"\1{MARKER}", text)
    text = _ENCODED.sub(_masked_encoded, text)
    if "@" in text:
        text = _URL.sub(_masked_url, text)
        text = _BARE.sub(_masked_bare, text)
        text = _HOST.sub(rf"\1{MARKER}@", text)
    return _PORT_VALUE.sub(_masked_port, text)


def _masked_port(match: re.Match[str]) -> str:
    """What a parser took for a port is a piece of the password, where that was not escaped."""
    return match[0] if match[2].isdigit() else f"{match[1]}{MARKER}"


def _masked_bare(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith(_ADDRESSES) else f"{MARKER}@"


def _masked_encoded(match: re.Match[str]) -> str:
    return match[0] if match[2] in _PLAIN_USERS else f"{match[1]}{MARKER}"


def _masked_url(match: re.Match[str]) -> str:
    """The run with the user info of every URL in it masked."""
    head, rest = f"{match[1] or ''}{match[2]}", match[3]
    scheme, pieces, start = match[1] or "", [], 0
    for following in _NEXT.finditer(rest):
        piece = rest[start : following.start()]
        if _is_open(piece):
            continue
        pieces.append(_masked_one(scheme, head, piece))
        head, start = following[0], following.end()
        scheme = head[:-2].removesuffix(":")
    return "".join([*pieces, _masked_one(scheme, head, rest[start:])])


def _is_open(piece: str) -> bool:
    """Whether a URL's user info has begun and not ended: what follows the colon is no port, and no ``@`` came."""
    authority = re.split(r"[/?#]", piece, maxsplit=1)[0]
    return "@" not in piece and ":" in authority and not authority.startswith("[") and _PORT.match(authority) is None


def _masked_one(scheme: str, head: str, rest: str) -> str:
    end = _user_info_end(scheme.lower(), rest)
    if end < 0 or _harmless(scheme.lower(), rest[:end]):
        return head + rest
    return f"{head}{MARKER}{rest[end:]}"


def _user_info_end(scheme: str, rest: str) -> int:
    """Where the ``@`` stands that ends the user info; -1 where there is none."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme not in _WEB and scheme:
        return rest.rfind("@")
    end = authority.rfind("@")
    if end >= 0 or ":" not in authority or _PORT.match(authority) or authority.startswith("["):
        return end
    return rest.rfind("@")


def _harmless(scheme: str, user_info: str) -> bool:
    """Whether the user info is a name that says nothing: no password, and no token in the name's place."""
    return ":" not in user_info and (user_info in _PLAIN_USERS or scheme not in _WEB)
