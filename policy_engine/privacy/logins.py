"""A user and a password written in one word outside a URL: `curl -u user:password`, Oracle's `user/password@service`.

A user and a group (`docker run -u app:app`, `--user 1000:1000`) and a package's version (`actions/checkout@v4`) are
written alike and stay.
"""

from __future__ import annotations

import re

from policy_engine.privacy.marks import MARKER

_OPTION = re.compile(
    r"""(?<![\w-])((?:-[uU]|--(?:proxy-)?user)(?:[ =]{1,4}|["'],\s{0,4}["'])["']?)"""
    r"""([^\s"':@/]{1,64}+):(?!//)([^\s"']{1,512}+)"""
)
_CURL = re.compile(
    r"""(\bcurl(?=["', ])[^\r\n|;]{0,256}?[ "']-[A-Za-z]{0,5}?[uU](?:[ =]|["'],\s{0,4}["'])?["']?)"""
    r"""([^\s"':@/=-][^\s"':@/]{0,63}+):(?!//)([^\s"']{1,512}+)"""
)
_SERVICE = re.compile(
    r"""(?:(?<![\w/:.@%$#-])|(?<=thin:)|(?<=oci:)|(?<=oci8:))[A-Za-z][\w$#]{0,63}+/([^\s"'/@]{1,128}+)@"""
    r"""(//|(?!v?\d+(?:\.\d+){0,3}(?![\w.:-])|[0-9a-f]{7,40}\b)[\w.$-]{1,128}(?::\d{2,5}[:/]\w|/\w)?)"""
)
_NAMES_A_SERVICE = re.compile(r"//|[A-Z][A-Z0-9_.$]+\Z|.*[:/]\w\Z")
_LOGIN = re.compile(r"(?i)sqlplus|log[io]n|logged|logging in|connect|oracle|ora-\d|credential")
_BRANCHES = ("HEAD", "MAIN", "MASTER")
_REACH = 60
"""How far before it a word is looked for that speaks of a login."""


def mask_logins(text: str) -> str:
    """Return ``text`` with the users and passwords masked that stand in one word."""
    text = _OPTION.sub(_masked_option, text)
    if "curl" in text:
        text = _CURL.sub(_masked_option, text)
    return _SERVICE.sub(_masked_service, text) if "@" in text else text


def _masked_option(match: re.Match[str]) -> str:
    user, password = match[2], match[3]
    a_group = password == user or (user.isdigit() and password.isdigit())
    return match[0] if a_group else f"{match[1]}{MARKER}"


def _masked_service(match: re.Match[str]) -> str:
    service = match[2]
    said = _LOGIN.search(match.string, max(0, match.start() - _REACH), match.start())
    if service in _BRANCHES or not (said or _NAMES_A_SERVICE.match(service)):
        return match[0]
    return f"{MARKER}@{service}"
