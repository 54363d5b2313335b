"""A key that a file defines twice: where the second stands, and where the first one was.

`tomllib` has refused the file and says where it stopped reading: just past the value, or within the header, of the
second definition. The first one is looked for in the syntax tree before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy_engine.policy.syntax import HEADERS, Syntax, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from policy_engine.policy.diagnostics import Span

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twice:
    """A key that is defined twice: its dotted name, and both places."""

    name: str
    second: Span
    first: Span


@dataclass(frozen=True, slots=True)
class _Definition:
    """A header or a pair: the path it defines, and how many of its names the table around it brought."""

    path: Names
    inherited: int
    keys: tuple[Node, ...]
    statement: Node
    value: Node | None

    def parts(self) -> Iterator[tuple[Names, Node]]:
        """Yield what it defines and implies, longest first, each with the node that names it."""
        for length in range(len(self.path), self.inherited, -1):
            yield self.path[:length], self.keys[length - self.inherited - 1]


def find_twice(syntax: Syntax, line: int, column: int) -> Twice | None:
    """Return the key defined twice in a file that `tomllib` stopped reading at this line and column."""
    before = [each for each in _definitions(syntax) if _starts_before(syntax, each.statement, line, column)]
    if not before:
        return None
    second = before.pop()
    inside = _twice_inside(syntax, second, line, column)
    return inside or _first_of(syntax, second, _index(_same_table(second, before)))


def _definitions(syntax: Syntax) -> Iterator[_Definition]:
    yield from _pairs(syntax, syntax.root, ())
    for node in syntax.root.named_children:
        if node.type in HEADERS:
            names, keys = syntax.header(node)
            yield _Definition(names, 0, keys, node, None)
            yield from _pairs(syntax, node, names)


def _pairs(syntax: Syntax, table: Node, names: Names) -> Iterator[_Definition]:
    for pair in syntax.pairs(table):
        yield _Definition((*names, *pair.names), len(names), pair.keys, pair.keys[0], pair.value)


def _starts_before(syntax: Syntax, node: Node, line: int, column: int) -> bool:
    span = syntax.span(node)
    return (span.line, span.column) < (line, column)


def _same_table(second: _Definition, before: list[_Definition]) -> list[_Definition]:
    """Leave out what earlier elements of the same array of tables defined: ``name`` may stand in each."""
    table = second.path[: second.inherited] if second.value is not None else second.path[:-1]
    for at in range(len(before) - 1, -1, -1):
        each = before[at]
        if each.statement.type == "table_array_element" and each.path == table[: len(each.path)]:
            return before[at:]
    return before


def _index(definitions: Iterable[_Definition]) -> dict[Names, Node]:
    index: dict[Names, Node] = {}
    for definition in definitions:
        for part, node in definition.parts():
            index.setdefault(part, node)
    return index


def _first_of(syntax: Syntax, second: _Definition, index: dict[Names, Node]) -> Twice | None:
    """Find the longest part of what ``second`` defines that was defined before."""
    for part, node in second.parts():
        if part in index:
            return Twice(".".join(part), syntax.span(node), syntax.span(index[part]))
    return None


def _twice_inside(syntax: Syntax, second: _Definition, line: int, column: int) -> Twice | None:
    """Find the key defined twice within an inline table of the second definition's value."""
    waiting = [] if second.value is None else [second.value]
    while waiting:
        node = waiting.pop()
        if node.type == "array":
            waiting.extend(items(node))
        elif node.type == "inline_table":
            before = [each for each in _pairs(syntax, node, ()) if _starts_before(syntax, each.statement, line, column)]
            twice = _clash(syntax, before)
            if twice is not None:
                return twice
            waiting.extend(each.value for each in before if each.value is not None)
    return None


def _clash(syntax: Syntax, pairs: Iterable[_Definition]) -> Twice | None:
    """Find the first pair whose path begins with an earlier one, or the reverse; ``a.b`` and ``a.c`` go together."""
    implied: dict[Names, Node] = {}
    complete: set[Names] = set()
    for pair in pairs:
        if pair.path in implied or any(part in complete for part, _ in pair.parts()):
            return _first_of(syntax, pair, implied)
        complete.add(pair.path)
        for part, node in pair.parts():
            implied.setdefault(part, node)
    return None
