"""Names that nothing defines: categories, levels, breakers, calls, channels, rules, strategies, actions.

Functions that the program registers cannot be known here, and are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from policy_engine.lint.names import Named, Use, defined, uses
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema.wording import nearest, quoted, suggestion

_CODES = {
    Named.ACTION: "PE205",
    Named.BREAKER: "PE201",
    Named.CALL: "PE208",
    Named.CATEGORY: "PE203",
    Named.CHANNEL: "PE204",
    Named.LEVEL: "PE202",
    Named.RULE: "PE206",
    Named.STRATEGY: "PE207",
}
_TABLES = {
    Named.BREAKER: "[breakers.{}]",
    Named.CALL: "[calls.{}]",
    Named.CATEGORY: "[categories.{}]",
    Named.CHANNEL: "[alerts.channels.{}]",
}


def unknown_names(
    document: Document,
    actions: Collection[str],
    named_by_actions: Mapping[str, Mapping[str, Named]],
    presumed: Collection[str],
    *,
    complete: bool,
) -> Iterator[Diagnostic]:
    """Yield a finding for each use of a name that nothing defines; ``presumed`` names count as defined.

    Where the actions are not ``complete``, because plugins were not loaded, one with a dot may be a plugin's.
    """
    known = {**defined(document.data), Named.ACTION: set(actions)}
    for use in uses(document.data, named_by_actions):
        may_be_a_plugins = use.kind is Named.ACTION and not complete and "." in use.name
        if use.name not in known[use.kind] and use.name not in presumed and not may_be_a_plugins:
            yield _unknown(document, use, known[use.kind])


def _unknown(document: Document, use: Use, known: Collection[str]) -> Diagnostic:
    close = nearest(use.name, known)
    table = _TABLES.get(use.kind)
    if close is None and table is not None:
        advice: str | None = f"define it in {table.format(use.name)}"
    else:
        advice = suggestion(use.name, sorted(known), otherwise="defined are")
    return finding(
        _CODES[use.kind],
        f"unknown {use.kind.value} {quoted(use.name)}",
        span=document.locate(use.path),
        file=document.files[0].name,
        help=advice,
    )
