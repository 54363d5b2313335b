"""Scrub detectors with a dot in their name, which is a plugin's, and that no plugin brings."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from policy_engine.lint.parts import strings
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema.wording import quoted, suggestion


def unknown_detectors(document: Document, brought: Collection[str], *, complete: bool) -> Iterator[Diagnostic]:
    """Yield a finding for each; none where plugins were not loaded, and so are not ``complete``."""
    for listed in strings(document.data, ("privacy", "detectors")):
        if complete and "." in listed.value and listed.value not in brought:
            yield finding(
                "PE212",
                f"unknown detector {quoted(listed.value)}",
                span=document.locate(listed.path),
                file=document.files[0].name,
                help=suggestion(listed.value, sorted(brought), otherwise="the plugins bring"),
            )
