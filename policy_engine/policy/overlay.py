"""Layers laid over each other: a later one changes, removes and places the entries that it names.

An entry is what has a name: a rule, a breaker, a channel. Of one that several layers speak of, each key has the value
of the last layer that gives it, as a whole; with ``enabled = false`` the entry is not there. ``before`` and ``after``
place it among its like; without them a new one comes first where the first that matches decides, and else last: the
later layer has the say. Other tables merge key by key, and a list is replaced.
Places follow the entry: whatever the policy says is located where the winning layer says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from policy_engine.policy.diagnostics import Diagnostic, finding
from policy_engine.policy.document import Document, Part, Path
from policy_engine.policy.layers import EXTENDS
from policy_engine.policy.merge import NAME_TABLES, NAMED_LISTS

ENABLED = "enabled"
PLACES = ("before", "after")
CONTROLS = frozenset({ENABLED, *PLACES})
"""Keys of an entry that say what layers make of it, and nothing of what it is."""

_FIRST_DECIDES: frozenset[Path] = frozenset({("rules",), ("recovery", "strategies")})
_PLUGINS: Path = ("plugins",)
_COMPONENTS: Path = ("degradation", "components")


class Laid(NamedTuple):
    """All layers as one document: ``whole`` as written, for the schema; ``effective`` as it holds."""

    whole: Document
    effective: Document
    diagnostics: list[Diagnostic]


@dataclass(slots=True)
class _Entry:
    """A named thing, and the pieces of files that speak of it, the last layer's first."""

    data: Any
    parts: list[Part]

    @property
    def is_off(self) -> bool:
        return _is_off(self.data)

    def cover(self, part: Part) -> None:
        """Let another layer's piece have its say."""
        if isinstance(self.data, dict) and isinstance(part.data, dict):
            placed_anew = any(key in part.data for key in PLACES)
            kept = {key: value for key, value in self.data.items() if not (placed_anew and key in PLACES)}
            self.data = {**kept, **part.data}
            self.parts.insert(0, part)
        else:
            self.data, self.parts = part.data, [part]


def overlay(layers: Sequence[Document]) -> Laid:
    """Lay documents, from the lowest on, over each other."""
    if len(layers) == 1 and not _has_controls(layers[0].data):
        return Laid(layers[0], layers[0], [])
    laying = _Laying(layers)
    return Laid(laying.document(_as_written), laying.document(_as_it_holds), laying.diagnostics)


def _as_written(entry: _Entry) -> Any:
    return entry.data


def _as_it_holds(entry: _Entry) -> Any:
    """What an entry amounts to; ``None`` where it is switched off."""
    if not isinstance(entry.data, dict):
        return entry.data
    return None if entry.is_off else _without_controls(entry.data)


def _without_controls(table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    kept = {key: value for key, value in table.items() if key not in CONTROLS}
    if isinstance(kept.get("triggers"), list):
        # A component's own triggers are entries too, though no layer changes one of them alone.
        kept["triggers"] = [_without_controls(item) for item in kept["triggers"] if not _is_off(item)]
    return kept


def _is_off(table: Any) -> bool:
    return isinstance(table, dict) and table.get(ENABLED) is False


def _triggers_that_are_on(components: Mapping[str, _Entry]) -> Iterator[tuple[Path, tuple[Part, ...]]]:
    """Yield where the triggers of components stand, once those that are switched off are left out."""
    for name, entry in components.items():
        said = [part for part in entry.parts if isinstance(part.data, dict) and "triggers" in part.data][:1]
        parts = _items(Part(part.file, (*part.path, "triggers"), part.data["triggers"]) for part in said)
        for index, part in enumerate(part for part in parts if not _is_off(part.data)):
            yield (*_COMPONENTS, name, "triggers", index), (part,)


class _Laying:
    """The layers while they are laid over each other."""

    def __init__(self, layers: Sequence[Document]) -> None:
        self._layers = layers
        self.diagnostics: list[Diagnostic] = []
        self._rest: dict[str, Any] = {}
        for layer in layers:
            _cover(self._rest, layer.data, ())
        self._lists = {path: self._list(path) for path in NAMED_LISTS if _is_a(self._rest, path, list)}
        self._tables = {path: self._table(path) for path in NAME_TABLES if _is_a(self._rest, path, dict)}
        self._plugins = self._all_plugins()

    def document(self, value_of: Callable[[_Entry], Any]) -> Document:
        """Return the document of all entries' values; those without one are left out."""
        data = _copy(self._rest)
        pieces: dict[Path, tuple[Part, ...]] = {}
        for path, entries in self._lists.items():
            kept = [(value, entry) for entry in entries if (value := value_of(entry)) is not None]
            _put(data, path, [value for value, _ in kept])
            pieces.update(((*path, index), tuple(entry.parts)) for index, (_, entry) in enumerate(kept))
        for path, named in self._tables.items():
            if path == _COMPONENTS and value_of is _as_it_holds:
                pieces.update(_triggers_that_are_on(named))
            values = {name: value for name, entry in named.items() if (value := value_of(entry)) is not None}
            _put(data, path, values)
            pieces.update(((*path, name), tuple(named[name].parts)) for name in values)
        if self._plugins:
            data["plugins"] = [part.data for part in self._plugins]
            pieces.update(((*_PLUGINS, index), (part,)) for index, part in enumerate(self._plugins))
        if value_of is _as_it_holds:
            data.pop(EXTENDS, None)
        # The last layer's files first: of several that say something, the first that is found has the say.
        return Document(data, tuple(file for layer in reversed(self._layers) for file in layer.files), pieces=pieces)

    def _list(self, path: Path) -> list[_Entry]:
        entries: list[_Entry] = []
        by_name: dict[str, _Entry] = {}
        for layer in self._layers:
            added: list[_Entry] = []
            placed: list[tuple[_Entry, Part]] = []
            for part in _items(layer.parts(path)):
                name = part.data.get("name") if isinstance(part.data, dict) else None
                entry = by_name.get(name) if isinstance(name, str) else None
                if entry is not None:
                    entry.cover(part)
                elif self._removes_nothing(part, NAMED_LISTS[path], name):
                    continue
                else:
                    entry = _Entry(part.data, [part])
                    added.append(entry)
                    if isinstance(name, str):
                        by_name[name] = entry
                if isinstance(part.data, dict) and any(key in part.data for key in PLACES):
                    placed.append((entry, part))
            entries = [*added, *entries] if path in _FIRST_DECIDES else [*entries, *added]
            for entry, part in placed:
                entries = self._placed(entries, by_name, entry, part, NAMED_LISTS[path])
        return entries

    def _placed(
        self, entries: list[_Entry], by_name: Mapping[str, _Entry], entry: _Entry, part: Part, kind: str
    ) -> list[_Entry]:
        key = next(key for key in PLACES if key in part.data)
        name = part.data[key]
        if not isinstance(name, str):
            return entries
        neighbour = by_name.get(name)
        if neighbour is None or neighbour is entry:
            self.diagnostics.append(self._found("PE702", part, key, f'there is no other {kind} "{name}" here'))
            return entries
        others = [each for each in entries if each is not entry]
        index = next(number for number, each in enumerate(others) if each is neighbour) + (key == "after")
        return [*others[:index], entry, *others[index:]]

    def _table(self, path: Path) -> dict[str, _Entry]:
        entries: dict[str, _Entry] = {}
        for layer in self._layers:
            for table in layer.parts(path):
                for name, value in table.data.items() if isinstance(table.data, dict) else ():
                    part = Part(table.file, (*table.path, name), value)
                    if name in entries:
                        entries[name].cover(part)
                    elif not self._removes_nothing(part, NAME_TABLES[path], name):
                        entries[name] = _Entry(value, [part])
        return entries

    def _removes_nothing(self, part: Part, kind: str, name: object) -> bool:
        """Tell of an entry that only switches off what no layer below has."""
        table = part.data
        if not isinstance(table, dict) or table.get(ENABLED) is not False or not set(table) <= {"name", ENABLED}:
            return False
        self.diagnostics.append(self._found("PE701", part, ENABLED, f'there is no {kind} "{name}" to switch off'))
        return True

    def _all_plugins(self) -> list[Part]:
        """The plugins of all layers, each once; files by their full path, for each layer has its own folder."""
        found: dict[str, Part] = {}
        if len(self._layers) == 1 or not _is_a(self._rest, _PLUGINS, list):
            return []
        for layer in self._layers:
            for part in _items(layer.parts(_PLUGINS)):
                name = part.data
                if isinstance(name, str) and (name.endswith(".py") or "/" in name):
                    name = str((FilePath(part.file.name).parent / name).resolve())
                found.setdefault(str(name), Part(part.file, part.path, name))
        return list(found.values())

    def _found(self, code: str, part: Part, key: str, message: str) -> Diagnostic:
        place = self._layers[0].place(Part(part.file, (*part.path, key), part.data[key]))
        return finding(code, message, span=place, file=part.file.name, help="look at its name, and at the layers below")


def _has_controls(data: Mapping[str, Any]) -> bool:
    if EXTENDS in data:
        return True
    tables = [item for path in NAMED_LISTS if _is_a(data, path, list) for item in _at(data, path)]
    tables += [item for path in NAME_TABLES if _is_a(data, path, dict) for item in _at(data, path).values()]
    components = _at(data, _COMPONENTS)
    for component in components.values() if isinstance(components, dict) else ():
        triggers = _at(component, ("triggers",))
        tables += triggers if isinstance(triggers, list) else ()
    return any(isinstance(table, dict) and not CONTROLS.isdisjoint(table) for table in tables)


def _cover(into: dict[str, Any], more: Mapping[str, Any], path: Path) -> None:
    """Merge tables key by key; the last value wins. Entries are put in later."""
    for key, value in more.items():
        here = (*path, key)
        if isinstance(value, dict) and isinstance(into.get(key), dict) and here not in NAME_TABLES:
            _cover(into[key], value, here)
        else:
            into[key] = _copy(value)


def _copy(value: Any) -> Any:
    # Lists are kept: their items are replaced, never changed.
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def _items(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        for index, item in enumerate(part.data if isinstance(part.data, list) else ()):
            yield Part(part.file, (*part.path, index), item)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _is_a(data: Any, path: Path, kind: type) -> bool:
    return isinstance(_at(data, path), kind)


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Put entries in their place; where none is left, no key is."""
    for step in path[:-1]:
        data = data[str(step)]
    data[str(path[-1])] = value
    if not value:
        del data[str(path[-1])]
