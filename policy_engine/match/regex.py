"""Regular expressions of policies: RE2, so that no pattern and no message can make matching slow.

Knows what a pattern must contain literally, so that an index can skip it; knows nothing of errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import re2

MIN_LITERAL = 3
"""Characters a literal needs to be worth looking for: shorter ones stand in every message."""

_OPENERS = {"(": ")", "[": "]"}


def options(*, ignore_case: bool) -> re2.Options:
    """RE2's options for a policy's pattern: silent on errors, which are raised instead."""
    chosen = re2.Options()
    chosen.case_sensitive = not ignore_case
    chosen.log_errors = False
    return chosen


def searcher(patterns: Sequence[str], *, ignore_case: bool) -> Callable[[str], bool]:
    """Return a function that tells whether any of ``patterns`` is found in a text.

    An RE2 set answers yes or no at a fifth of the cost of a match object, which nobody needs here.

    Raises:
        re2.error: a pattern that RE2 refuses.
    """
    patterns_set = re2.Set.SearchSet(options(ignore_case=ignore_case))
    for pattern in patterns:
        patterns_set.Add(pattern)
    patterns_set.Compile()
    match = patterns_set.Match
    return lambda text: bool(match(text))


@lru_cache(maxsize=16_384)  # several rooms ask for the patterns of all rules, one after the other
def required_literals(pattern: str) -> tuple[str, ...] | None:
    """Lower-case literals of which every match holds at least one, or ``None`` where no such set is known.

    Conservative: reads concatenations, groups and alternations; whatever it does not know ends a literal.
    """
    unescaped = pattern.replace("\\\\", "").replace("\\(", "")
    if "(?" in unescaped.replace("(?:", "").replace("(?P<", "").replace("(?i", "").replace("(?-i", ""):
        return None
    branches = [_longest_literal(branch) for branch in _split_alternatives(pattern)]
    found = [literal for branch in branches if branch is not None for literal in branch]
    return tuple(found) if None not in branches else None


def _split_alternatives(pattern: str) -> list[str]:
    branches, depth, start, index, in_class = [], 0, 0, 0, False
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            # "[]a]" and "[^]a]" hold the bracket itself.
            index += 2 if pattern[index + 1 : index + 3] == "^]" else pattern[index + 1 : index + 2] == "]"
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            branches.append(pattern[start:index])
            start = index + 1
        index += 1
    branches.append(pattern[start:])
    return branches


def _longest_literal(branch: str) -> tuple[str, ...] | None:
    """The best literals of one concatenation: one long word, or one of each branch of a group."""
    candidates = list(_literal_sets(branch))
    usable = [found for found in candidates if min(map(len, found)) >= MIN_LITERAL]
    return max(usable, key=lambda found: min(map(_rarity, found)), default=None)


def _rarity(literal: str) -> int:
    """How seldom a literal stands in messages: its length, a digit counting twice ("401" is rarer than "error")."""
    return len(literal) + sum(map(str.isdigit, literal))


def _literal_sets(branch: str) -> Iterator[tuple[str, ...]]:
    run = ""
    for token, repeated in _tokens(branch):
        if len(token) == 1 and not repeated:
            run += token
            continue
        if run:
            yield (run.lower(),)
            run = ""
        if token.startswith("(") and repeated in ("", "+"):
            inner = required_literals(_group_body(token))
            if inner is not None:
                yield inner
        elif len(token) == 1 and repeated == "+":
            run = token
    if run:
        yield (run.lower(),)


def _group_body(token: str) -> str:
    body = token[1:-1]
    if body.startswith("?P<"):
        return body[body.index(">") + 1 :]
    if body.startswith("?"):
        return body[body.index(":") + 1 :] if ":" in body else ""
    return body


def _tokens(branch: str) -> Iterator[tuple[str, str]]:
    """Yield (token, quantifier): a plain character, or a longer text for a class, a group or an escape."""
    index = 0
    while index < len(branch):
        end = _token_end(branch, index)
        quantifier, after = _quantifier(branch, end)
        yield _plain_character(branch[index:end]), quantifier
        index = after


def _plain_character(found: str) -> str:
    """The character that a token stands for, or the token at length where it is more than one character."""
    if len(found) == 2 and found[0] == "\\" and not found[1].isalnum():
        return found[1]
    return f"special {found}" if found in ".^$" or found[0] == "\\" else found


def _token_end(branch: str, start: int) -> int:
    opener = branch[start]
    if opener == "\\":
        return _escape_end(branch, start)
    if opener not in _OPENERS:
        return start + 1
    depth, index, in_class = 0, start, False
    while index < len(branch):
        character = branch[index]
        if character == "\\":
            index += 1
        elif in_class:
            in_class = character != "]"
            depth -= not in_class
        elif character == "[":
            in_class = True
            depth += 1
            index += 2 if branch[index + 1 : index + 3] == "^]" else branch[index + 1 : index + 2] == "]"
        elif character in "()":
            depth += 1 if character == "(" else -1
        index += 1
        if depth == 0:
            break
    return index


def _escape_end(branch: str, start: int) -> int:
    follower = branch[start + 1 : start + 2]
    if follower in ("p", "P", "x") and branch[start + 2 : start + 3] == "{":
        return branch.find("}", start) + 1 or len(branch)
    if follower == "x":
        return start + 4
    if follower == "Q":
        return len(branch)
    return start + 2


def _quantifier(branch: str, start: int) -> tuple[str, int]:
    follower = branch[start : start + 1]
    if follower and follower in "*+?":
        end = start + 1
    elif follower == "{" and "}" in branch[start:]:
        end = branch.index("}", start) + 1
    else:
        return "", start
    if branch[end : end + 1] == "?":
        end += 1
    return follower, end
