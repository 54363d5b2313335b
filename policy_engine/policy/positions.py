"""From a path in one file's data to the place of its key or value.

Headers are indexed once a file, pairs once a table, and nothing deeper than the path that is asked for: a file of ten
thousand rules with one finding costs one walk over its headers. A table that only a dotted key or a deeper header
implies stands at the part of that key which names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy_engine.policy.syntax import HEADERS, Pair, Syntax, items

if TYPE_CHECKING:
    from tree_sitter import Node

    from policy_engine.policy.diagnostics import Span

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path's key and value stand; an item of a list has no key, so its own place serves for both."""

    key: Span
    value: Span


class Positions:
    """Places in one file, found when asked for."""

    def __init__(self, name: str, text: str) -> None:
        self._syntax = Syntax(name, text)
        self._tables: defaultdict[Path, list[Node]] = defaultdict(list)
        self._named: dict[Path, Found] = {}
        self._pairs: dict[int, list[Pair]] = {}
        self._index_headers()

    def find(self, path: Path) -> Found | None:
        """Return the places of the key and value at ``path``; ``None`` where the file has none."""
        for cut in range(len(path), -1, -1):
            tables = self._tables.get(path[:cut])
            if tables is None:
                continue
            if cut == len(path):
                return self._named.get(path)
            found = self._within(tables, path[cut:])
            if found is not None:
                return found
        return self._named.get(path)

    def _index_headers(self) -> None:
        root = self._syntax.root
        self._tables[()].append(root)
        lengths: dict[Path, int] = {}
        for node in root.named_children:
            if node.type not in HEADERS:
                continue
            names, keys = self._syntax.header(node)
            path: Path = ()
            for name, key in zip(names[:-1], keys, strict=False):
                path = (*path, name)
                span = self._syntax.span(key)
                self._named.setdefault(path, Found(span, span))
                if path in lengths:
                    path = (*path, lengths[path] - 1)
            path = (*path, names[-1])
            here = Found(self._syntax.span(keys[-1]), self._syntax.header_span(node))
            if node.type == "table_array_element":
                self._named.setdefault(path, here)
                lengths[path] = lengths.get(path, 0) + 1
                path = (*path, lengths[path] - 1)
            self._tables[path].append(node)
            self._named[path] = here

    def _within(self, tables: Iterable[Node], path: Path) -> Found | None:
        """Look for ``path``, relative to these tables, in their pairs."""
        implied: Found | None = None
        for table in tables:
            for pair in self._pairs_of(table):
                shared = len(pair.names)
                if pair.names == path[:shared]:
                    found = self._inside(pair, path[shared:])
                    if found is not None:
                        return found
                elif implied is None and pair.names[: len(path)] == path:
                    span = self._syntax.span(pair.keys[len(path) - 1])
                    implied = Found(span, span)
        return implied

    def _inside(self, pair: Pair, path: Path) -> Found | None:
        """Look for ``path``, relative to the pair's value, in that value."""
        if not path:
            return Found(self._syntax.span(pair.keys[-1]), self._syntax.span(pair.value))
        node, step = pair.value, path[0]
        while isinstance(step, int) and node.type == "array":
            values = items(node)
            if step >= len(values):
                return None
            node, path = values[step], path[1:]
            if not path:
                return Found(self._syntax.span(node), self._syntax.span(node))
            step = path[0]
        return self._within([node], path) if node.type == "inline_table" else None

    def _pairs_of(self, table: Node) -> list[Pair]:
        if table.id not in self._pairs:
            self._pairs[table.id] = list(self._syntax.pairs(table))
        return self._pairs[table.id]
