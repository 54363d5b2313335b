"""Keys of pseudonyms that are not to be had where a policy is loaded: fields are left out, and nobody would know.

Looked for by who loads a policy, not by ``validate``: the machine that checks it need not have the service's keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding


def missing_keys(document: Document) -> Iterator[Diagnostic]:
    """Yield a warning for each key that is named and not there."""
    section = document.data.get("privacy", {}).get("pseudonymise")
    if not section:
        return
    from policy_engine.privacy.keys import keys_of  # for who asks for pseudonyms

    for number, key in enumerate(keys_of(section)):
        if key.pseudonyms is None:
            path = ("privacy", "pseudonymise", *(("previous", number - 1) if number else ()), key.setting)
            effect = "older pseudonyms cannot be looked up" if number else "the fields are left out"
            message = f"there is no key for pseudonyms, so {effect}: {key.missing}"
            yield finding("PE671", message, span=document.locate(path), file=document.files[0].name)
