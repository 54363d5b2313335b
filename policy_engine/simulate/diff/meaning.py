"""What two policies say differently: entries added, removed, renamed, moved or changed; not how they are written.

Knows the documents, and nothing of what an engine makes of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.document import Document, Path
from policy_engine.policy.merge import NAME_TABLES, NAMED_LISTS
from policy_engine.policy.schema.wording import toml
from policy_engine.policy.written import hidden_text
from policy_engine.simulate.diff.normal import normal, normal_entry

_FIRST_DECIDES: frozenset[Path] = frozenset({("rules",), ("severity", "adjust"), ("recovery", "strategies")})
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Detail:
    """One key that has another value, as each policy writes it; empty where it has none."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry or setting that is not as it was."""

    kind: str
    """``added``, ``removed``, ``renamed``, ``moved`` or ``changed``."""
    what: str
    """What it is: ``rule``, ``breaker``, ``setting``."""
    name: str
    details: tuple[Detail, ...] = ()
    note: str = ""
    """Where it moved, or what it was called."""
    former: str = ""
    """The name that it had before it was renamed."""
    origin: str = ""
    """Where it stands: in the new policy, or where it is gone, in the old one."""


def compare_meaning(old: Document, new: Document) -> list[Change]:
    """Return the changes from ``old`` to ``new``, in the order of the language's sections."""
    changes: list[Change] = []
    for path, what in NAME_TABLES.items():
        changes.extend(_entries(_table(old, path), _table(new, path), what))
    for path, what in NAMED_LISTS.items():
        before, after = _list(old, path), _list(new, path)
        found = list(_entries(before, after, what))
        changes.extend(found)
        if path in _FIRST_DECIDES:
            former = {change.name: change.former for change in found if change.former}
            changes.extend(_moved(list(before), list(after), what, after, former))
    changes.extend(_settings(old, new))
    order = ["setting", *NAMED_LISTS.values(), *NAME_TABLES.values()]
    return sorted(changes, key=lambda change: order.index(change.what))


@dataclass(frozen=True, slots=True)
class _Entry:
    table: Mapping[str, Any]
    means: Mapping[str, Any]
    document: Document
    path: Path

    @property
    def origin(self) -> str:
        return self.document.origin(self.path)


def _list(document: Document, path: Path) -> dict[str, _Entry]:
    items = _at(document.data, path) or ()
    return {
        item["name"]: _Entry(
            _shown(document, item, (*path, index)), normal_entry(item, (*path, index)), document, (*path, index)
        )
        for index, item in enumerate(items)
    }


def _table(document: Document, path: Path) -> dict[str, _Entry]:
    tables = _at(document.data, path) or {}
    if path == ("breakers",):
        inherited = tables.get(_DEFAULT, {})
        tables = {_DEFAULT: inherited, **{name: {**inherited, **table} for name, table in tables.items()}}
    return {
        name: _Entry(
            _shown(document, table, (*path, name)), normal_entry(table, (*path, name)), document, (*path, name)
        )
        for name, table in tables.items()
    }


def _shown(document: Document, value: Any, path: Path) -> Any:
    """The value as people may see it: what came from the environment, and may be secret, by its variable."""
    if not document.holds_variables:
        return value
    if isinstance(value, dict):
        return {key: _shown(document, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(document, item, (*path, index)) for index, item in enumerate(value)]
    hidden = hidden_text(document, value, path) if isinstance(value, str) else None
    return value if hidden is None else hidden


def _entries(old: Mapping[str, _Entry], new: Mapping[str, _Entry], what: str) -> Iterator[Change]:
    gone = [name for name in old if name not in new]
    for name, entry in new.items():
        before = old.get(name)
        if before is None:
            former = next((each for each in gone if old[each].means == entry.means), None)
            if former is None:
                yield Change("added", what, name, origin=entry.origin)
            else:
                gone.remove(former)
                yield Change("renamed", what, name, note=f'was "{former}"', former=former, origin=entry.origin)
        elif before.means != entry.means:
            details = tuple(_details(before.means, entry.means, before.table, entry.table, ""))
            yield Change("changed", what, name, details, origin=entry.origin)
    for name in gone:
        yield Change("removed", what, name, origin=old[name].origin)


def _details(old: Any, new: Any, old_text: Any, new_text: Any, key: str) -> Iterator[Detail]:
    """Yield where two normal values differ, with what stands there in each policy."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            inner = f"{key}.{name}" if key else name
            yield from _details(old.get(name), new.get(name), _get(old_text, name), _get(new_text, name), inner)
    else:
        yield Detail(key, _written(old_text), _written(new_text))


def _get(table: Any, name: str) -> Any:
    return table.get(name) if isinstance(table, dict) else None


def _written(value: Any) -> str:
    return "" if value is None else toml(value)


def _moved(
    old: Sequence[str], new: Sequence[str], what: str, entries: Mapping[str, _Entry], former: Mapping[str, str]
) -> Iterator[Change]:
    """Yield the fewest entries of both lists that have to move to get from one order to the other.

    ``former`` has the old names of those that were renamed.
    """
    places = {name: index for index, name in enumerate(old)}
    place = {name: places[former.get(name, name)] for name in new if former.get(name, name) in places}
    common = list(place)
    staying = _longest_rising([place[name] for name in common])
    for index, name in enumerate(common):
        if place[name] not in staying:
            behind = common[index + 1] if index + 1 < len(common) else None
            note = f'now before "{behind}"' if behind is not None else "now the last one"
            yield Change("moved", what, name, note=note, origin=entries[name].origin)


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Return one longest rising subsequence (patience sorting)."""
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tops, number)
        before[number] = tops[pile - 1] if pile else None
        tops[pile : pile + 1] = [number]
    rising: set[int] = set()
    last = tops[-1] if tops else None
    while last is not None:
        rising.add(last)
        last = before[last]
    return rising


def _settings(old: Document, new: Document) -> Iterator[Change]:
    """Yield the keys outside entries that differ."""
    before, after = dict(_leaves(old.data, ())), dict(_leaves(new.data, ()))
    for path in dict.fromkeys([*before, *after]):
        one, other = before.get(path), after.get(path)
        detail = Detail("", _written(one), _written(other))
        if _means(one, path) == _means(other, path):
            continue
        document = new if path in after else old
        kind = "changed" if path in before and path in after else "added" if path in after else "removed"
        yield Change(kind, "setting", ".".join(map(str, path)), (detail,), origin=document.origin(path))


def _means(value: Any, path: Path) -> Any:
    """The normal form; ``None`` where nothing is said, or only the default."""
    return normal({path[-1]: value}, path[:-1]).get(path[-1]) if value is not None else None


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if path in NAMED_LISTS or path in NAME_TABLES or path == ("schema_version",):
        return
    if isinstance(value, dict) and len(path) < 3:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data
