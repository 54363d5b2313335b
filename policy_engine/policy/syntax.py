"""A TOML file as a syntax tree, for one purpose: where things stand.

`tomllib` decides what is valid and what a value is; tree-sitter accepts some invalid files, so its tree is only asked
for places. It counts bytes, users count characters: `Syntax.span` turns one into the other.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy_engine.policy.diagnostics import Span

if TYPE_CHECKING:
    from tree_sitter import Node

HEADERS = ("table", "table_array_element")
_LONGEST_KEY = 128
"""Names of one dotted key that are looked at: no policy is that deep, and paths would cost the square of it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``key = value``: the key's names, the node of each, and the value's node."""

    names: tuple[str, ...]
    keys: tuple[Node, ...]
    value: Node


class Syntax:
    """The tree of one file, and the places of its nodes."""

    def __init__(self, name: str, text: str) -> None:
        # Loaded here because a policy without a finding never needs it.
        import tree_sitter
        import tree_sitter_toml

        self.name = name
        # Lone surrogates cannot come from a decoded file, but they may from a caller's text.
        self._bytes = text.encode(errors="replace")
        self._starts = [0, *(match.end() for match in re.finditer(b"\n", self._bytes))]
        # The tree must outlive its nodes.
        self._tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language())).parse(self._bytes)

    @property
    def root(self) -> Node:
        """The whole file."""
        return self._tree.root_node

    def span(self, first: Node, last: Node | None = None) -> Span:
        """Return the place of a node, or of all from ``first`` to ``last``."""
        line, column = self._position(first.start_byte)
        end_line, end_column = self._position((last or first).end_byte)
        return Span(self.name, line, column, end_line, end_column)

    def header(self, node: Node) -> tuple[tuple[str, ...], tuple[Node, ...]]:
        """Return the names in a table's header, and the node of each."""
        return self._key(node.named_child(0))

    def header_span(self, node: Node) -> Span:
        """Return the place of a table's header, brackets included."""
        closing = next((child for child in node.children if child.type in ("]", "]]")), node)
        return self.span(node.children[0], closing)

    def pairs(self, node: Node) -> Iterator[Pair]:
        """Yield the pairs that stand directly in the file's head, a table or an inline table."""
        for child in node.named_children:
            if child.type != "pair" or child.named_child_count < 2:
                continue
            names, keys = self._key(child.named_child(0))
            value = next((part for part in child.named_children[1:] if part.type != "comment"), None)
            if value is not None:
                yield Pair(names, keys, value)

    def _key(self, node: Node | None) -> tuple[tuple[str, ...], tuple[Node, ...]]:
        # A dotted key nests to the left: (a.b).c
        keys: list[Node] = []
        while node is not None and node.type == "dotted_key":
            keys.extend(reversed(node.named_children[1:]))
            node = node.named_child(0)
        if node is not None:
            keys.append(node)
        keys = keys[: -_LONGEST_KEY - 1 : -1]
        return tuple(self._name(key) for key in keys), tuple(keys)

    def _name(self, key: Node) -> str:
        text = self._bytes[key.start_byte : key.end_byte].decode(errors="replace")
        if key.type != "quoted_key":
            return text
        try:
            return next(iter(tomllib.loads(f"{text} = 0")))
        except tomllib.TOMLDecodeError:
            return text

    def _position(self, byte: int) -> tuple[int, int]:
        line = bisect_right(self._starts, byte)
        start = self._starts[line - 1]
        return line, len(self._bytes[start:byte].decode(errors="replace")) + 1


def items(array: Node) -> list[Node]:
    """Return the values of an array."""
    return [child for child in array.named_children if child.type != "comment"]
