"""Which errors a match table takes, compared with another: whether the wider takes all that the narrower takes.

Decided without trying errors: a table contains another when nothing satisfies the one and not the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy_engine.match.containment.formulas import Not, formula
from policy_engine.match.containment.search import satisfiable

__all__ = ["can_match", "certainly_contains", "contains"]


def contains(wider: Mapping[str, Any], narrower: Mapping[str, Any]) -> bool | None:
    """Tell whether ``wider`` matches every error that ``narrower`` matches; both are schema-valid match tables.

    ``None``: regular expressions or free expressions forbid an answer, or it would take too long. ``True`` is a proof.
    """
    escapes = satisfiable([formula(narrower), Not(formula(wider))])
    return None if escapes is None else not escapes


def certainly_contains(wider: Mapping[str, Any], narrower: Mapping[str, Any]) -> bool:
    """Tell whether `contains` would answer ``True``, sooner."""
    return satisfiable([formula(narrower), Not(formula(wider))], doubt_ends=True) is False


def can_match(table: Mapping[str, Any]) -> bool | None:
    """Tell whether any error at all matches ``table``; ``None`` as for `contains`."""
    return satisfiable([formula(table)])
