"""Cross-checks over a whole policy: names that nothing defines, and texts that other engines would refuse."""

from __future__ import annotations

from collections.abc import Collection

from policy_engine.policy import Diagnostic, Document


def lint(document: Document, *, actions: Collection[str]) -> list[Diagnostic]:  # noqa: ARG001  checks follow
    """Return what is wrong with a valid document; ``actions`` are the names that steps may use."""
    return []
