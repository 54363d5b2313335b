"""What steps give to their actions, held against the schema that each action brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.lint.parts import steps
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.schema import check_part

_OF_EVERY_STEP = frozenset({"action", "timeout", "on"})


def wrong_parameters(document: Document, schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the parameters of each step whose action's schema is known."""
    for step in steps(document.data):
        schema = schemas.get(str(step.value.get("action")))
        if schema is not None:
            given = {key: value for key, value in step.value.items() if key not in _OF_EVERY_STEP}
            yield from check_part(document, step.path, given, schema)
