"""Alert channels of kinds that plugins bring: whether there is such a kind, and what it says of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.lint.parts import at
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema import check_part
from policy_engine.policy.schema.wording import quoted, suggestion

_BUILT_IN = "log"
_OF_EVERY_CHANNEL = frozenset({"kind", "enabled", "used_by", "description"})


def wrong_channels(
    document: Document, schemas: Mapping[str, Mapping[str, Any]], *, complete: bool
) -> Iterator[Diagnostic]:
    """Yield what is wrong with channels whose kind has a dot; ``schemas`` are those of the kinds that there are.

    Where they are not ``complete``, because plugins were not loaded, an unknown kind may be a plugin's.
    """
    for channel in at(document.data, ("alerts", "channels", "*")):
        table = channel.value if isinstance(channel.value, Mapping) else {}
        kind = table.get("kind")
        if not isinstance(kind, str) or "." not in kind:
            continue
        if kind in schemas:
            given = {key: value for key, value in table.items() if key not in _OF_EVERY_CHANNEL}
            yield from check_part(document, channel.path, given, schemas[kind])
        elif complete:
            yield finding(
                "PE211",
                f"unknown kind of channel {quoted(kind)}",
                span=document.locate((*channel.path, "kind")),
                file=document.files[0].name,
                help=suggestion(kind, [_BUILT_IN, *sorted(schemas)], otherwise="there are"),
            )
