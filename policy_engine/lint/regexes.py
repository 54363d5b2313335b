"""Regular expressions that RE2 refuses: why, and where in the pattern.

RE2 matches in linear time whatever the pattern and the text, and pays with lookaround and backreferences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import re2

from policy_engine.lint.parts import Part, strings, texts_of
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.document import Path
from policy_engine.policy.inside import locate_inside
from policy_engine.policy.schema.wording import quoted

_TEXTS = ("exception_name", "message", "module", "function", "category", "tags", "rule", "fingerprint")
_BY_NAME = ("attributes", "context")

_APART = 'say the two conditions apart, with "all" and "not"'
_NO_BACK = ("RE2 cannot refer back to a group", "write out what the group may be")
_NO_GIVE = ("RE2 has no possessive or atomic groups", "leave it out: RE2 never goes back")

# What the refused part begins with -> why, and what to do. The first that fits counts.
_REASONS: tuple[tuple[str, tuple[str, str | None]], ...] = (
    (r"\(\?[=!]", ("RE2 cannot look ahead", _APART)),
    (r"\(\?<[=!]", ("RE2 cannot look behind", _APART)),
    (r"\(\?P=|\\[1-9kg]", _NO_BACK),
    (r"\(\?>|[*+?}]\+", _NO_GIVE),
    (r"\(\?#", ("RE2 has no comments", "put it into the description of the rule")),
    (r"\(\?\(", ("RE2 has no conditional groups", "write the two patterns apart")),
    (r"\(\?", ("RE2 does not know this group or flag", "it knows (?:...), (?P<name>...) and the flags i, m, s, U")),
    (r"\\Z", ("RE2 does not know this escape", r"write \z for the end of the text")),
    (r"\\u", ("RE2 does not know this escape", r"write \x{...} with the character's number")),
    (r"\\[hR]", ("RE2 does not know this escape", r"write [ \t] for blanks, \r?\n for line breaks")),
    (r"\\p", ("RE2 does not know this class of characters", None)),
    (r"\\.", ("RE2 does not know this escape", None)),
    (r"\\", ("the pattern ends in a backslash", r"write \\ for a backslash itself")),
    (r"[*+?]{2}|[*+?}]\{|[*+?}][*+?]", ("this repeats a repetition", "put the first one in (?:...)")),
    (r"[*+?]", ("there is nothing to repeat", r"write \ before it to mean the character itself")),
    (r"\{", ("this repeats too often, or the wrong way round", "RE2 repeats 1000 times at the most")),
    (r"\(", ("this group is not closed", r"write \( to mean the character itself")),
    (r"\)", ("this closes no group", r"write \) to mean the character itself")),
    (r"\[[^:]|\[$", ("this class of characters is not closed", r"write \[ to mean the character itself")),
    (r".", ("this range of characters is none", None)),
)


def refused_regexes(document: Document, tables: Iterable[Part]) -> Iterator[Diagnostic]:
    """Yield a finding for each pattern that RE2 refuses: in ``tables`` (matches and conditions), and elsewhere."""
    options = re2.Options()
    options.log_errors = False
    for part in (*_patterns(tables), *strings(document.data, ("privacy", "patterns", "*", "regex"))):
        try:
            re2.compile(part.value, options)
        except re2.error as error:
            yield _refused(document, part, error.args[0].decode(errors="replace"))


def _patterns(tables: Iterable[Part]) -> Iterator[Part]:
    for table in tables:
        yield from _in_texts(table)
        cause = table.value.get("cause")
        if isinstance(cause, dict):
            yield from _in_texts(Part((*table.path, "cause"), cause))


def _in_texts(table: Part) -> Iterator[Part]:
    for key in _TEXTS:
        if key in table.value:
            yield from _in_text(table, (key,), table.value[key])
    for key in _BY_NAME:
        named = table.value.get(key)
        for name, value in named.items() if isinstance(named, dict) else ():
            yield from _in_text(table, (key, name), value)


def _in_text(table: Part, path: Path, value: Any) -> Iterator[Part]:
    if isinstance(value, dict) and "regex" in value:
        yield from texts_of(Part((*table.path, *path, "regex"), value["regex"]))


def _refused(document: Document, part: Part, said: str) -> Diagnostic:
    pattern: str = part.value
    start = _position(pattern, said)
    why, advice = next(reason for form, reason in _REASONS if re.match(form, pattern[start:] or ".", re.DOTALL))
    where = f"at character {start + 1} of the pattern: {_shown(pattern[start:])}"
    fragment = said.partition(": ")[2]
    width = len(fragment) if fragment and pattern.startswith(fragment, start) and fragment != pattern else 1
    span = locate_inside(document, part.path, start, width)
    return finding("PE301", f"{why}, {where}", span=span, file=document.files[0].name, help=advice)


def _shown(pattern: str) -> str:
    """Return a piece of a pattern as it stands in single quotes, without a backslash more."""
    text = quoted(pattern).replace("\\\\", "\\")
    return f"'{text[1:-1]}'" if "'" not in text else text


def _position(pattern: str, said: str) -> int:
    """Return where the part that RE2 complains of begins; it says which text, and not where."""
    kind, _, fragment = said.partition(": ")
    if kind == "missing )":
        return _unbalanced(pattern, "(")
    if kind == "unexpected )":
        return _unbalanced(pattern, ")")
    if kind.startswith("trailing"):
        return len(pattern) - 1
    begins = (at for at, in_class in _tokens(pattern) if _may_begin(fragment, pattern[at:], kind, in_class=in_class))
    return next(begins, 0)


def _may_begin(fragment: str, rest: str, kind: str, *, in_class: bool) -> bool:
    if not rest.startswith(fragment) or (fragment == "(?P" and rest.startswith("(?P<")):
        return False
    if fragment.startswith("\\"):
        return True
    return in_class is kind.startswith("invalid character class")


def _tokens(pattern: str) -> Iterator[tuple[int, bool]]:
    """Yield where each character or escape begins, and whether it stands in a class of characters."""
    at, in_class = 0, False
    while at < len(pattern):
        yield at, in_class
        if pattern[at] == "[" and not in_class:
            in_class = True
            # A closing bracket that comes first is one of the class.
            at += pattern[at + 1 : at + 2] == "^"
            at += pattern[at + 1 : at + 2] == "]"
        elif pattern[at] == "]":
            in_class = False
        at += 2 if pattern[at] == "\\" else 1


def _unbalanced(pattern: str, bracket: str) -> int:
    opened: list[int] = []
    for at, in_class in _tokens(pattern):
        if in_class or pattern[at] not in "()":
            continue
        if pattern[at] == "(":
            opened.append(at)
        elif opened:
            opened.pop()
        elif bracket == ")":
            return at
    return opened[-1] if opened else 0
