"""SQL in error texts: the literals of sensitive columns, and the parameters that drivers print.

Judged by the column's name where the statement tells it. Positional parameters say nothing of their columns, so they
are masked all together unless they are only numbers; so are rows that a database quotes whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from policy_engine.privacy.detectors import Detector
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.spans import Span, bracket_end, value_span

_VALUES = re.compile(r"(?i)(?:\(([^()]{1,2048}+)\)\s{0,8})?\bVALUES\s{0,8}(?=\()")
_NEXT_ROW = re.compile(r"\s{0,8},\s{0,8}(?=\()")
_NEXT_VALUE = re.compile(r"[^,()'\"]{0,256}+,\s{0,8}")
_COMPARED = re.compile(
    r"""(?i)\b(?:where|and|or|having|on|when)\s{1,4}(?:not\s{1,4})?\({0,4}([\w."`]{1,128}+)\s{1,4}(?:not\s{1,4})?"""
    r"""(?:in\s{0,4}(?=\(\s{0,4}['"])|i?like\s{1,4}(?=['"]))"""
)
_PARAMETERS = re.compile(r"(?i)\b(?:parameters|params|bind(?:ings)?)[:=] {0,2}(?=[(\[{])")
_NUMBERED = re.compile(r"""(\$\d{1,3} = |'param_\d{1,3}': )(?=["'])""")
_ROW = re.compile(r"(?i)failing row contains (?=\()")
# Prose speaks of what is "identified by" something too: there no user is named before, and nothing is in capitals.
_IDENTIFIED = re.compile(
    r"(?:\bIDENTIFIED|(?i:\b(?:user|role|login|account|grant)\b[^;\r\n]{0,256}?\bidentified|['\"`]\s{0,4}identified))"
    r"(?i: (?:with \w{1,32} )?(?:by|as) (?:password )?(?=['\"]))"
)
_DUPLICATE = re.compile(r"(?i)(duplicate entry ['\"])([^\r\n]{1,512}?)(['\"] for key ['\"]([\w.]{1,128})['\"])")
_BEFORE_BRACKETS = ((_PARAMETERS, ("param", "bind")), (_ROW, ("failing row",)))
_BEFORE_A_VALUE = ((_NUMBERED, ("$", "param_")), (_IDENTIFIED, ("identified",)))

_NUMBERS = re.compile(r"(?:[\d\s.,()\[\]+-]|None|True|False|null|[tf]\b)*+")
_LITERALS = (
    "values", " in (", " in(", " like ", "parameters", "params", "bindings", "failing row", "identified ",
    "duplicate entry", "param_", "$1 = ",
)  # fmt: skip

Edit = tuple[int, int]


def sql(rules: FieldRules) -> Detector:
    """Return the detector of secrets in SQL; columns are judged by ``rules``."""

    def mask(text: str) -> str:
        text = _DUPLICATE.sub(lambda m: m[0] if rules.decide(m[4]) is Action.KEEP else f"{m[1]}{MARKER}{m[3]}", text)
        return _masked(text, _edits(text, rules.decide))

    return Detector("sql", _LITERALS, mask)


def _edits(text: str, decide: Callable[[str], Action]) -> list[Edit]:
    """The stretches of ``text`` that are to be masked, in any order."""
    edits: list[Edit] = []
    lower = text.lower()
    seen = 0
    for match in _matches(_VALUES, ("values",), text, lower):
        if match.start() >= seen:
            found, seen = _row_edits(text, match, decide)
            edits += found
    edits += _compared_edits(text, _matches(_COMPARED, (" in ", " in(", " like "), text, lower), decide)
    for pattern, words in _BEFORE_BRACKETS:
        seen = 0
        for match in _matches(pattern, words, text, lower):
            if match.start() < seen:
                continue
            end = seen = bracket_end(text, match.end())
            if not text.startswith(("{", "[{"), match.end()) and not _NUMBERS.fullmatch(text, match.end(), end):
                edits.append((match.end(), end))
    for pattern, words in _BEFORE_A_VALUE:
        seen = 0
        for match in _matches(pattern, words, text, lower):
            if match.start() >= seen:
                span = value_span(text, match.end())
                edits.append((span.start, span.end))
                seen = span.end
    return edits


def _matches(pattern: re.Pattern[str], words: tuple[str, ...], text: str, lower: str) -> Iterable[re.Match[str]]:
    """Where ``pattern`` is found, one of whose ``words`` must be there: to look for them costs a fraction of that."""
    return pattern.finditer(text) if any(word in lower for word in words) else ()


def _compared_edits(text: str, found: Iterable[re.Match[str]], decide: Callable[[str], Action]) -> Iterator[Edit]:
    """Yield the literals that a condition compares a sensitive column with."""
    seen = 0
    for match in found:
        if match.start() >= seen and decide(match[1].strip('"`')) is Action.MASK:
            span = value_span(text, match.end())
            yield span.start, span.end
            seen = span.end


def _row_edits(text: str, match: re.Match[str], decide: Callable[[str], Action]) -> tuple[list[Edit], int]:
    """The literals in the rows after ``VALUES`` of sensitive columns, all quoted ones where no columns are named.

    Also where the last row ends.
    """
    columns = match[1].split(",") if match[1] else None
    wanted = None if columns is None else [decide(column.strip(' `"[]')) is not Action.KEEP for column in columns]
    if wanted is not None and not any(wanted):
        return [], match.end()
    edits: list[Edit] = []
    end = match.end()
    at: int | None = end
    while at is not None:
        end = bracket_end(text, at)
        for index, span in enumerate(_literals(text, at + 1, end - (text[end - 1] == ")"))):
            if span.quoted if wanted is None else index < len(wanted) and wanted[index]:
                edits.append((span.start, span.end))
        following = _NEXT_ROW.match(text, end)
        at = None if following is None else following.end()
    return edits, end


def _literals(text: str, at: int, end: int) -> list[Span]:
    """The values of one row, without their quotes."""
    found: list[Span] = []
    while at < end:
        while at < end and text[at].isspace():
            at += 1
        span = value_span(text, at, end)
        if span.end > end:  # a quote that the row does not close
            return [*found, Span(at, end, quoted=span.quoted)]
        found.append(span)
        following = _NEXT_VALUE.match(text, span.end + span.quoted, end)
        if following is None:
            break
        at = following.end()
    return found


def _masked(text: str, edits: list[Edit]) -> str:
    pieces: list[str] = []
    kept = 0
    for start, end in sorted(edits):
        if start >= kept and end > start:
            pieces += (text[kept:start], MARKER)
            kept = end
    return "".join([*pieces, text[kept:]]) if pieces else text
