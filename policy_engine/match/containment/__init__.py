"""Which errors a match table takes, compared with another: whether the wider takes all that the narrower takes.

Decided without trying errors: a table contains another when nothing satisfies the one and not the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy_engine.match.containment.formulas import Formula, Not, formula
from policy_engine.match.containment.search import satisfiable

__all__ = ["Formula", "certainly_contains", "contains", "formula", "is_empty", "takes_all_of"]


def contains(wider: Mapping[str, Any], narrower: Mapping[str, Any]) -> bool | None:
    """Tell whether ``wider`` matches every error that ``narrower`` matches; both are schema-valid match tables.

    ``None``: regular expressions, free expressions or plugins forbid an answer, or it would take too long. ``True`` is
    a proof.
    """
    escapes = satisfiable([formula(narrower), Not(formula(wider))])
    return None if escapes is None else not escapes


def certainly_contains(wider: Mapping[str, Any], narrower: Mapping[str, Any]) -> bool:
    """Tell whether `contains` would answer ``True``, sooner."""
    return takes_all_of(formula(wider), formula(narrower))


def takes_all_of(wider: Formula, narrower: Formula) -> bool:
    """As `certainly_contains`, for tables that are compared more than once."""
    return satisfiable([narrower, Not(wider)], doubt_ends=True) is False


def is_empty(table: Formula) -> bool:
    """Tell whether certainly no error matches."""
    return satisfiable([table], doubt_ends=True) is False
