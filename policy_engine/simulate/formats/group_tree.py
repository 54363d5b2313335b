"""The tree in which Python prints exception groups, unfolded: text without its rails, and each member's lines apart.

::

      + Exception Group Traceback (most recent call last):
      |   File "shop.py", line 7, in load
      | ExceptionGroup: two failed (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | ValueError: price
        +---------------- 2 ----------------
        | KeyError: 'stock'
        +------------------------------------
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

FORK = "+-+-----"
"""Where members hang: what tells a tree."""

# A group that was never raised has no traceback: its tree begins without a header.
_ROOT = re.compile(r"(\s*)(?:\+ Exception Group Traceback|(?P<rail>\|)(?: |\Z))")
_MAX_DEPTH = 32


class Member(NamedTuple):
    """One member of a group: its lines, with members of its own among them."""

    lines: tuple[str | Member, ...]


def unfolded(lines: Sequence[str]) -> list[str | Member]:
    """Return the lines with every tree unfolded; without a tree, the lines as they are."""
    blank = True
    items: list[str | Member] = []
    at = 0
    while at < len(lines):
        root = _ROOT.match(lines[at])
        if root is None or (root["rail"] and not blank):
            items.append(lines[at])
            blank = not lines[at]
            at += 1
        else:
            found, at = _branch(lines, at, len(root[1]), _MAX_DEPTH)
            items += found
    return items


def _branch(lines: Sequence[str], at: int, column: int, depth: int) -> tuple[list[str | Member], int]:
    """Read what hangs on the rail in one column; returns it and the index of the first line after it."""
    items: list[str | Member] = []
    while at < len(lines):
        line = lines[at]
        if line[:column].strip():
            break
        if line.startswith("|", column) or line.startswith("+ ", column):
            items.append(line[column + 2 :])
            at += 1
        elif line.startswith("+-+-", column) and depth:
            members, at = _members(lines, at + 1, column + 2, depth - 1)
            items += members
        else:
            break
    return items, at


def _members(lines: Sequence[str], at: int, column: int, depth: int) -> tuple[list[Member], int]:
    members: list[Member] = []
    counted = True
    while True:
        found, at = _branch(lines, at, column, depth)
        if found and counted:
            members.append(Member(tuple(found)))
        if at >= len(lines) or not lines[at].startswith("+-", column) or lines[at].startswith("+-+", column):
            return members, at
        separator = lines[at][column:].strip("+- ")
        counted = separator.isdigit()  # "..." stands for members that were not printed
        at += 1
        if not separator:
            return members, at
