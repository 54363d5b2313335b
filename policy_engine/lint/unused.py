"""Names that a policy defines and nothing in it uses: categories, breakers, channels.

Code may use what no table does; ``used_by = "code"`` in the entry says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policy_engine.lint.names import Named, uses
from policy_engine.lint.parts import at
from policy_engine.model import UNKNOWN
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.document import Path
from policy_engine.policy.schema.wording import quoted

_DEFINED: tuple[tuple[Named, Path], ...] = (
    (Named.CATEGORY, ("categories", "*")),
    (Named.BREAKER, ("breakers", "*")),
    (Named.CHANNEL, ("alerts", "channels", "*")),
)
_ALWAYS_USED = frozenset({(Named.CATEGORY, UNKNOWN), (Named.BREAKER, "default")})


def unused_names(document: Document, named_by_actions: Mapping[str, Mapping[str, Named]]) -> Iterator[Diagnostic]:
    """Yield a finding for each defined name that no part of the policy mentions."""
    # Categories by themselves are a part of a policy, whose rules stand elsewhere.
    looked_at = [each for each in _DEFINED if each[0] is not Named.CATEGORY or "rules" in document.data]
    candidates = [
        (kind, part)
        for kind, pattern in looked_at
        for part in at(document.data, pattern)
        if "used_by" not in part.value
    ]
    if not candidates:
        return
    used = {(use.kind, use.name) for use in uses(document.data, named_by_actions)} | _ALWAYS_USED
    for kind, part in candidates:
        name = str(part.path[-1])
        if (kind, name) not in used:
            yield finding(
                "PE621",
                f"nothing uses the {kind.value} {quoted(name)}",
                span=document.locate(part.path, key=True),
                file=document.files[0].name,
                help='remove it, or write used_by = "code" where the program uses it',
            )
