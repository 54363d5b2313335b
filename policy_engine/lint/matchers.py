"""Plugins' matchers that match tables ask: whether there is such a one, and what it says of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.lint.parts import at, match_tables
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema import check_part
from policy_engine.policy.schema.wording import quoted, suggestion


def wrong_matchers(
    document: Document, schemas: Mapping[str, Mapping[str, Any]], *, complete: bool
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the matchers in ``match.plugin``; ``schemas`` are those of the matchers that there are.

    Where they are not ``complete``, because plugins were not loaded, an unknown matcher may be a plugin's.
    """
    for table in match_tables(document.data):
        for asked in at(table.value, ("plugin", "*")):
            name, path = str(asked.path[-1]), (*table.path, *asked.path)
            if name in schemas:
                yield from check_part(document, path, asked.value, schemas[name])
            elif complete:
                yield finding(
                    "PE213",
                    f"unknown matcher {quoted(name)}",
                    span=document.locate(path, key=True),
                    file=document.files[0].name,
                    help=_help(name, asked.value, schemas),
                )


def _help(name: str, parameters: object, schemas: Mapping[str, object]) -> str:
    if isinstance(parameters, Mapping):
        for key in parameters:
            if f"{name}.{key}" in schemas:
                return f'its name has a dot, so it stands in quotes: plugin."{name}.{key}"'
    return suggestion(name, sorted(schemas), otherwise="there are") or "no plugin of this policy brings a matcher"
