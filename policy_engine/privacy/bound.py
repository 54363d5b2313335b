"""Parameters of SQL whose own names say nothing: `WHERE password = %(p)s`, then `[parameters: {'p': '...'}]`.

The statement says which column each stands for, so this looks before the statement itself is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy_engine.privacy.detectors import Detector
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.marks import MARKER
from policy_engine.privacy.prose import is_nothing
from policy_engine.privacy.spans import bracket_end, value_span

_PLACEHOLDER = r"(?:%\((\w{1,64})\)s|[:@](\w{1,64}))"
_COMPARED = re.compile(
    r"(?i)(?<![\w.\"`])([\w.\"`]{1,128})\s{0,4}(?:[=<>!]{1,2}|\bi?like\b|\bin\b\s{0,4}\()\s{0,4}" + _PLACEHOLDER
)
_COLUMNS = re.compile(r"(?i)\(([^()]{1,2048}+)\)\s{0,8}VALUES\s{0,8}(?=\()")
_ONE = re.compile(rf"\s*{_PLACEHOLDER}\s*")
_PARAMETERS = re.compile(r"(?i)\bparameters: {0,2}(?=\[?\{)")
_PARAMETER = re.compile(r"""["'](\w{1,64})["']: """)
_COUNTED = re.compile(r"_{1,2}\d{1,6}\Z")
"""What tells the same parameter of several rows apart."""


def bound_parameters(rules: FieldRules) -> Detector:
    """Return the detector of parameters that stand for sensitive columns; columns are judged by ``rules``."""

    def mask(text: str) -> str:
        given = _PARAMETERS.search(text)
        names = set() if given is None else set(_sensitive(text, rules))
        if given is None or not names:
            return text
        pieces: list[str] = []
        kept = 0
        for match in _PARAMETER.finditer(text, given.end()):
            if match.start() < kept or _COUNTED.sub("", match[1]) not in names:
                continue
            span = value_span(text, match.end())
            if not is_nothing(text[span.start : span.end]):
                pieces += (text[kept : span.start], MARKER)
                kept = span.end
        return "".join([*pieces, text[kept:]]) if pieces else text

    return Detector("bound_parameters", ("parameters: {", "parameters: [{"), mask, whole=True)


def _sensitive(text: str, rules: FieldRules) -> Iterator[str]:
    """Yield the names of parameters that stand for sensitive columns."""
    for match in _COMPARED.finditer(text):
        if _is_sensitive(match[1], rules):
            yield _COUNTED.sub("", match[2] or match[3])
    seen = 0
    for match in _COLUMNS.finditer(text):
        if match.start() < seen:
            continue
        seen = bracket_end(text, match.end())
        row = text[match.end() + 1 : seen - 1]
        for column, value in zip(match[1].split(","), row.split(","), strict=False):
            placeholder = _ONE.fullmatch(value)
            if placeholder is not None and _is_sensitive(column, rules):
                yield _COUNTED.sub("", placeholder[1] or placeholder[2])


def _is_sensitive(column: str, rules: FieldRules) -> bool:
    return rules.decide(column.strip(' `"[]')) is Action.MASK
