"""Many files into one policy: any file may hold any section.

Tables merge; lists of tables, and the list of plugins, follow each other in file order. Whatever else two files both
set is defined twice, and so is a name: a rule's, a breaker's, a category's. Each is one finding that shows both places,
and the first definition stands. A list written as a table (``[rules]``) is told in its own file, and takes no part: it
must not make the right lists of other files look wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policy_engine.policy.diagnostics import Diagnostic, Place, Span, finding
from policy_engine.policy.document import Document, Part, Path
from policy_engine.policy.files import SourceFile

NAME_TABLES: dict[Path, str] = {
    ("categories",): "category",
    ("breakers",): "breaker",
    ("calls",): "call",
    ("degradation", "functions"): "function",
    ("degradation", "components"): "component",
    ("alerts", "channels"): "channel",
    ("privacy", "patterns"): "pattern",
}
"""Tables whose keys are names that the policy defines, and what each name is of."""

NAMED_LISTS: dict[Path, str] = {
    ("rules",): "rule",
    ("severity", "adjust"): "adjustment",
    ("degradation", "triggers"): "trigger",
    ("recovery", "strategies"): "strategy",
    ("alerts", "routes"): "route",
}
"""Lists of tables that each have a ``name``, and what each name is of."""

_VERSION: Path = ("schema_version",)
_JOINED: frozenset[Path] = frozenset({*NAMED_LISTS, ("plugins",)})


def merge(files: Sequence[SourceFile]) -> tuple[Document, list[Diagnostic]]:
    """Return all files as one document, and a finding for each thing that is defined twice."""
    data: dict[str, Any] = {}
    twice: list[Path] = []
    for file in files:
        _merge_table(data, file.data, (), twice)
    document = Document(data, tuple(files))
    findings = [found for path in NAMED_LISTS for found in _tables_for_lists(document, path)]
    findings.extend(found for path in dict.fromkeys(twice) for found in _set_twice(document, path))
    findings.extend(_names_twice(document))
    return document, findings


def _merge_table(into: dict[str, Any], more: dict[str, Any], path: Path, twice: list[Path]) -> None:
    for key, value in more.items():
        here = (*path, key)
        if here in NAMED_LISTS and isinstance(value, dict):
            continue
        if key not in into:
            # Copied as deep as merging may reach, so that no file's own data changes.
            into[key] = _copy(value, here)
        elif here in _JOINED and isinstance(into[key], list) and isinstance(value, list):
            into[key].extend(value)
        elif path not in NAME_TABLES and isinstance(into[key], dict) and isinstance(value, dict):
            _merge_table(into[key], value, here, twice)
        elif here != _VERSION or into[key] != value:
            twice.append(here)


def _copy(value: Any, path: Path = ()) -> Any:
    if isinstance(value, dict):
        copied: dict[str, Any] = {}
        _merge_table(copied, value, path, [])
        return copied
    return list(value) if isinstance(value, list) else value


def _tables_for_lists(document: Document, path: Path) -> Iterator[Diagnostic]:
    for part in document.parts(path):
        if isinstance(part.data, dict):
            yield finding(
                "PE113",
                f'"{path[-1]}" must be a list, not a table',
                span=document.place(part),
                file=part.file.name,
                help=f"write [[{'.'.join(map(str, path))}]], in double brackets",
            )


def _set_twice(document: Document, path: Path) -> Iterator[Diagnostic]:
    first, *others = document.parts(path)
    kind = NAME_TABLES.get(path[:-1])
    name = f'the {kind} "{path[-1]}"' if kind is not None else f'"{".".join(map(str, path))}"'
    for other in others:
        if path != _VERSION or other.data != first.data:
            yield _twice(name, document.place(first, key=True), document.place(other, key=True), other)


def _names_twice(document: Document) -> Iterator[Diagnostic]:
    for path, kind in NAMED_LISTS.items():
        seen: dict[str, int] = {}
        for index, name in _names(document.data, path):
            first = seen.setdefault(name, index)
            if first != index:
                yield _name_twice(document, kind, name, (*path, first, "name"), (*path, index, "name"))


def _names(data: Any, path: Path) -> Iterator[tuple[int, str]]:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    for index, item in enumerate(data if isinstance(data, list) else ()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str):
            yield index, name


def _name_twice(document: Document, kind: str, name: str, first: Path, second: Path) -> Diagnostic:
    part = document.parts(second)[0]
    return _twice(f'the {kind} "{name}"', document.locate(first), document.place(part), part)


def _twice(what: str, first: Span | None, second: Span | None, part: Part) -> Diagnostic:
    where = f"first in {first.file}, line {first.line}" if first is not None else "first in another place"
    return finding(
        "PE108",
        f"{what} is defined twice: {where}",
        span=second,
        file=part.file.name,
        help="keep one of the two, or rename it",
        places=(Place(first, "first defined here"),) if first is not None else (),
    )
