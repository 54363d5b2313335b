"""What steps give to their actions, held against the schema that each action brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.lint.parts import steps
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.schema import check_part

_OF_EVERY_STEP = frozenset({"action", "timeout", "on"})
_OF_A_CHECK = frozenset({"action", "timeout"})
"""What verifies a recovery runs once all steps worked, and has no choice of when."""


def wrong_parameters(document: Document, schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the parameters of each step whose action's schema is known."""
    for step in steps(document.data):
        schema = schemas.get(str(step.value.get("action")))
        if schema is not None:
            common = _OF_A_CHECK if step.path[-1] == "verify" else _OF_EVERY_STEP
            given = {key: value for key, value in step.value.items() if key not in common}
            yield from check_part(document, step.path, given, schema)
