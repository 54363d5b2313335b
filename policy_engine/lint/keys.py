"""Keys of pseudonyms as they are where a policy is loaded: not to be had, too short, or for everybody to read.

Looked for by who loads a policy, not by ``validate``: the machine that checks it need not have the service's keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding

if TYPE_CHECKING:
    from policy_engine.privacy.keys import Key

_SHORTEST = 16
"""Bytes; a key of fewer is found by trying."""


def doubtful_keys(document: Document) -> Iterator[Diagnostic]:
    """Yield warnings about the keys that a policy names."""
    if not document.data.get("privacy", {}).get("pseudonymise"):
        return
    from policy_engine.privacy.keys import keys_of, with_paths  # for who asks for pseudonyms

    for number, key in enumerate(keys_of(with_paths(document))):
        path = ("privacy", "pseudonymise", *(("previous", number - 1) if number else ()), key.setting)
        for code, message, advice in _doubts(key, in_use=not number):
            yield finding(code, message, span=document.locate(path), file=document.files[0].name, help=advice)


def _doubts(key: Key, *, in_use: bool) -> Iterator[tuple[str, str, str | None]]:
    """The code, the message and the help for each thing that is wrong with a key."""
    if key.pseudonyms is None:
        effect = "the fields are left out" if in_use else "older pseudonyms cannot be looked up"
        yield "PE671", f"there is no key for pseudonyms, so {effect}: {key.missing}", None
    elif in_use and key.size < _SHORTEST:
        size = f"{key.size} byte{'' if key.size == 1 else 's'}"
        message = f"the key in {key.name} has {size}: who tries all such keys can tell whom a pseudonym means"
        yield "PE672", message, "take 32 random ones: head -c 32 /dev/urandom | base64"
    if key.is_public:
        message = f"everybody on this machine may read {key.name}, and with it tell whom a pseudonym means"
        yield "PE673", message, f"chmod o-r {key.name}"
