"""Which results of calls are failures of the target: a client may return a 503 as it returns a page.

Knows values and the functions that a program registered, no breaker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.match.values import Test, compile_value
from policy_engine.protect.invocation import Registered


@dataclass(frozen=True, slots=True)
class FailedResult:
    """What ``failed_result`` says: attributes that all must match, or the name of a function that tells."""

    table: Mapping[str, Any]
    attributes: tuple[tuple[str, Test], ...] = field(compare=False)

    def holds(self, result: object, registered: Registered) -> bool:
        """Whether ``result`` is a failure. Attributes of a mapping are its entries.

        Raises:
            UnknownNameError: the program has registered no such function.
            Exception: what the function, or a property of the result, raises.
        """
        if "function" in self.table:
            return bool(registered(self.table["function"])(result))
        if isinstance(result, Mapping):
            return all(test(result.get(name)) for name, test in self.attributes)
        return all(test(getattr(result, name, None)) for name, test in self.attributes)


def compile_failed_result(table: Mapping[str, Any]) -> FailedResult:
    """Compile a schema-valid ``failed_result`` table."""
    attributes = table.get("attributes", {})
    return FailedResult(table, tuple((name, compile_value(spec)) for name, spec in attributes.items()))
