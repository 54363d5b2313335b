"""Cross-checks over a whole policy: what is wrong across it, and what in it does nothing or not what it seems to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from policy_engine.lint.channels import wrong_channels
from policy_engine.lint.detectors import unknown_detectors
from policy_engine.lint.effects import pointless_settings
from policy_engine.lint.exceptions import unresolved_exceptions
from policy_engine.lint.expressions import expressions
from policy_engine.lint.keys import doubtful_keys
from policy_engine.lint.matchers import wrong_matchers
from policy_engine.lint.metrics import unknown_metrics
from policy_engine.lint.names import Named
from policy_engine.lint.parameters import wrong_parameters
from policy_engine.lint.parts import conditions, match_tables
from policy_engine.lint.probes import unreachable_thresholds
from policy_engine.lint.references import unknown_names
from policy_engine.lint.regexes import refused_regexes
from policy_engine.lint.releases import ambiguous_releases
from policy_engine.lint.secrets import masked, written_secrets
from policy_engine.lint.shadows import empty_tables, never_matching, shadowed_rules
from policy_engine.lint.templates import wrong_templates
from policy_engine.lint.thresholds import pointless_conditions
from policy_engine.lint.unused import unused_names
from policy_engine.policy import Diagnostic, Document, LoadResult

__all__ = ["advise", "doubtful_keys", "lint", "lint_draft", "masked", "written_secrets"]


class Described(Protocol):
    """An action, a kind of channel or a matcher, as far as it is looked at here."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """JSON Schema of its parameters."""


_NONE: Mapping[str, Described] = {}


def lint(
    document: Document,
    *,
    actions: Collection[str] | Mapping[str, Described],
    channels: Mapping[str, Described] = _NONE,
    metrics: Collection[str] = (),
    detectors: Collection[str] = (),
    matchers: Mapping[str, Described] = _NONE,
    complete: bool = True,
    presumed: Collection[str] = (),
) -> list[Diagnostic]:
    """Return what is wrong across a document: ``actions`` are those that steps may use, with their schemas if known.

    ``channels`` (kinds of them), ``metrics``, ``detectors`` and ``matchers`` are those that plugins bring. ``complete``
    is false where plugins were not loaded; ``presumed`` are names to count as defined.
    """
    schemas = {name: action.schema for name, action in actions.items()} if isinstance(actions, Mapping) else {}
    tables = [*match_tables(document.data), *conditions(document.data)]
    return [
        *unknown_names(document, actions, _named_by(schemas), presumed, complete=complete),
        *unknown_metrics(document, tables, metrics),
        *wrong_parameters(document, schemas),
        *wrong_channels(document, {name: kind.schema for name, kind in channels.items()}, complete=complete),
        *unknown_detectors(document, detectors, complete=complete),
        *wrong_matchers(document, {name: each.schema for name, each in matchers.items()}, complete=complete),
        *refused_regexes(document, tables),
        *wrong_templates(document),
        *expressions(document, tables),
        *ambiguous_releases(document),
    ]


def advise(
    document: Document, *, actions: Collection[str] | Mapping[str, Described], resolve: bool = False
) -> list[Diagnostic]:
    """Return warnings about a document in which no error is: what in it does nothing, or not what it seems to do.

    With ``resolve`` the exception classes that it names are imported, and looked for.
    """
    schemas = {name: action.schema for name, action in actions.items()} if isinstance(actions, Mapping) else {}
    empty = empty_tables(document)
    return [
        *shadowed_rules(document, empty),
        *never_matching(document, empty),
        *pointless_conditions(document),
        *pointless_settings(document),
        *unreachable_thresholds(document),
        *unused_names(document, _named_by(schemas)),
        *(unresolved_exceptions(document) if resolve else ()),
    ]


def lint_draft(loaded: LoadResult, *, actions: Collection[str] | Mapping[str, Described]) -> list[Diagnostic]:
    """Return what is wrong across a policy that does not load, as far as it does not follow from another finding."""
    if loaded.draft is None:
        return []
    told = {diagnostic.span for diagnostic in loaded.diagnostics}
    found = lint(loaded.draft, actions=actions, complete=False, presumed=loaded.doubtful)
    return [diagnostic for diagnostic in found if diagnostic.span not in told]


def _named_by(schemas: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Named]]:
    return {name: dict(_named_parameters(schema)) for name, schema in schemas.items()}


def _named_parameters(schema: Mapping[str, Any]) -> Iterator[tuple[str, Named]]:
    words = {kind.value: kind for kind in Named}
    for key, described in schema.get("properties", {}).items():
        word = described.get("x-names-a") if isinstance(described, Mapping) else None
        if word in words:
            yield key, words[word]
