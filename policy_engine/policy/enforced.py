"""A document parted in two: what is enforced, and with ``enforce = false`` what is only to be watched.

Knows where the language has the key. Places follow: whatever is in either part is located in the files as before.
Breakers are in both, for one that is not enforced still counts calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy_engine.policy.document import Document, Part, Path

_LISTS: tuple[Path, ...] = (
    ("rules",),
    ("degradation", "triggers"),
    ("recovery", "strategies"),
    ("alerts", "routes"),
)
_COMPONENTS: Path = ("degradation", "components")

Keep = Callable[[Mapping[str, Any]], bool]


def is_enforced(entry: Mapping[str, Any]) -> bool:
    """Whether an entry may have an effect."""
    return entry.get("enforce", True) is not False


def enforced(document: Document) -> Document:
    """Return the document without the entries that are not enforced."""
    if all(is_enforced(entry) for path in _lists(document.data) for entry in at(document.data, path)):
        return document
    pieces: dict[Path, tuple[Part, ...]] = dict(document.pieces)
    data = document.data
    for path in _lists(document.data):
        entries = at(document.data, path)
        kept = [index for index, entry in enumerate(entries) if is_enforced(entry)]
        for index in range(len(entries)):
            pieces.pop((*path, index), None)
        pieces.update(((*path, new), tuple(document.parts((*path, old)))) for new, old in enumerate(kept))
        data = _with(data, path, [entries[index] for index in kept])
    return Document(data, document.files, pieces=pieces)


def watched(data: Mapping[str, Any], path: Path) -> dict[str, Any] | None:
    """Return the section at ``path`` with only those of its entries that are not enforced; ``None`` without any."""
    lists = [each for each in _lists(data) if each[: len(path)] == path]
    if all(is_enforced(entry) for each in lists for entry in at(data, each)):
        return None
    found: Any = data
    for each in lists:
        found = _with(found, each, [entry for entry in at(data, each) if not is_enforced(entry)])
    for step in path:
        found = found[step]
    return dict(found)


def at(data: Any, path: Path) -> list[Any]:
    """Return the list at a path; an empty one where there is none."""
    for step in path:
        data = data.get(step, {}) if isinstance(data, Mapping) else {}
    return data if isinstance(data, list) else []


def _lists(data: Mapping[str, Any]) -> Iterator[Path]:
    yield from (path for path in _LISTS if at(data, path))
    components: Any = data
    for step in _COMPONENTS:
        components = components.get(step, {})
    for name, component in components.items():
        if component.get("triggers"):
            yield (*_COMPONENTS, name, "triggers")


def _with(data: Any, path: Path, value: Any) -> Any:
    """Return data with another value at ``path``; what was given stays as it is."""
    if not path:
        return value
    return {**data, path[0]: _with(data[path[0]], path[1:], value)}
