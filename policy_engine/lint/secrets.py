"""Secrets written into a policy: tokens and passwords that anybody who can read the repository can read.

A finding says which kind it is and never shows it; `masked` takes it out of the texts that reports quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ahocorasick_rs import AhoCorasick

from policy_engine.lint.parts import Part, steps
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import Span, finding
from policy_engine.policy.document import Path
from policy_engine.privacy.detectors import NAMES, Detector, chosen
from policy_engine.privacy.fields import Action, FieldRules

_PERSONAL = frozenset({"email", "iban", "credit_card", "phone", "ip_address"})
_DETECTORS = chosen([name for name in NAMES if name not in _PERSONAL])
_OWNERS = [number for number, detector in enumerate(_DETECTORS) for _ in detector.literals]
_LITERALS = AhoCorasick([literal for detector in _DETECTORS for literal in detector.literals])
"""One pass over a text tells which detectors could find anything: mostly none."""
_CODE = "PE651"
_NO_PASSWORD = re.compile(
    r"//[^\s/:@]{0,256}(?::(?:\$?\{\w+\}|\$\w+|<[\w -]+>|%\(\w+\)s|\*+|[xX]+|(?i:password|passwd|pw|secret))?)?@"
)
"""The user info of a URL that gives no password away: none, or what stands for one."""


def written_secrets(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each text that holds a secret, and each parameter of a step that is named like one."""
    told: set[Path] = set()
    for part in _texts(Part((), document.data)):
        kind = _kind_of(part.value)
        if kind is not None:
            told.add(part.path)
            yield _written(document, part, f"this text holds a secret ({kind})")
    rules = FieldRules()
    for step in steps(document.data):
        for part in _texts(step):
            key = str(part.path[-1])
            if part.path not in told and rules.decide(key) is Action.MASK and part.value and "$" not in part.value:
                yield _written(document, part, f'"{key}" is named like a secret, and its value stands here')


def masked(sources: Mapping[str, str], diagnostics: Iterable[Diagnostic]) -> Mapping[str, str]:
    """Return the files' texts with an asterisk for each character of a secret that was found in them."""
    shown = dict(sources)
    for diagnostic in diagnostics:
        span = diagnostic.span
        if diagnostic.code == _CODE and span is not None and span.file in shown:
            shown[span.file] = _starred(shown[span.file], span)
    return shown


def _kind_of(text: str) -> str | None:
    owners = {_OWNERS[found] for found, _, _ in _LITERALS.find_matches_as_indexes(text.lower(), overlapping=True)}
    return next((_DETECTORS[each].name for each in sorted(owners) if _finds(_DETECTORS[each], text)), None)


def _finds(detector: Detector, text: str) -> bool:
    # An error's text is masked when in doubt; here, a user's name or a placeholder would be a false alarm.
    looked_at = _NO_PASSWORD.sub("//", text) if detector.name == "url_credentials" else text
    return detector.mask(looked_at) != looked_at


def _texts(part: Part) -> Iterator[Part]:
    value: Any = part.value
    if isinstance(value, str):
        yield part
    elif isinstance(value, Mapping):
        for key, item in value.items():
            # A pattern describes a secret at the most.
            if key != "regex":
                yield from _texts(Part((*part.path, key), item))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(Part((*part.path, number), item))


def _written(document: Document, part: Part, message: str) -> Diagnostic:
    advice = "let the program bring it, from its environment or a secret store, and change it: it was written down"
    span = document.locate(part.path)
    return finding(_CODE, message, span=span, file=document.files[0].name, help=advice)


def _starred(text: str, span: Span) -> str:
    lines = text.split("\n")
    for number in range(span.line, span.end_line + 1):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        end = span.end_column - 1 if number == span.end_line else len(line)
        inside = "".join(each if each in "\"'\t\r " else "*" for each in line[start:end])
        lines[number - 1] = line[:start] + inside + line[end:]
    return "\n".join(lines)
