"""Holding a document against its JSON Schema: findings at exact places, one for each mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policy_engine.policy.diagnostics import Diagnostic, Place, finding
from policy_engine.policy.schema.about_keys import Table, is_about_keys
from policy_engine.policy.schema.about_values import about_value
from policy_engine.policy.schema.mistake import Mistake, Path
from policy_engine.policy.schema.validator import Failure, failures, policy_failures

if TYPE_CHECKING:
    from policy_engine.policy.document import Document

__all__ = ["check_document", "check_part"]


def check_document(document: Document) -> tuple[list[Diagnostic], frozenset[str]]:
    """Return what the policy's schema finds in a document, and the names that stand in what it found."""
    found = list(_mistakes(policy_failures(document.data), document.data, ()))
    names = frozenset(name for mistake in found for name in _names_in(document.data, mistake.path))
    return [_located(document, mistake) for mistake in found], names


def check_part(document: Document, path: Path, value: Any, schema: Mapping[str, Any]) -> list[Diagnostic]:
    """Return what another ``schema``, a plugin's, finds in ``value``, which stands at ``path`` of the document."""
    found = failures(value, schema)
    return [_located(document, mistake) for mistake in _mistakes(found, value, path)]


def _mistakes(found: Iterable[Failure], data: Any, base: Path) -> Iterator[Mistake]:
    tables: dict[Path, Table] = {}
    values: defaultdict[Path, list[Failure]] = defaultdict(list)
    for fault in found:
        path = (*base, *fault.path)
        if not is_about_keys(fault):
            values[path].append(fault)
            continue
        if path not in tables:
            tables[path] = Table(path, _at(data, fault.path))
        tables[path].add(fault)
    for table in tables.values():
        yield from table.mistakes()
    for path, faults in values.items():
        yield about_value(path, faults)


def _names_in(data: Any, path: Path) -> Iterator[str]:
    """Yield the names that a mistaken value would define, or use, were it right: its key, keys, texts, names."""
    value = _at(data, path)
    yield from (step for step in path[-1:] if isinstance(step, str))
    yield from (value if isinstance(value, dict) else ())
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _located(document: Document, mistake: Mistake) -> Diagnostic:
    span = _place(document, mistake.path, at_key=mistake.at_key)
    first = document.locate(mistake.first, key=True) if mistake.first is not None else None
    places = (Place(first, "the other one"),) if first is not None else ()
    return finding(
        mistake.code, mistake.message, span=span, file=document.files[0].name, help=mistake.help, places=places
    )


def _place(document: Document, path: Path, *, at_key: bool) -> Any:
    """Return where a path stands, or the nearest table around it that stands anywhere."""
    for cut in range(len(path), 0, -1):
        span = document.locate(path[:cut], key=at_key)
        if span is not None:
            return span
    return None
