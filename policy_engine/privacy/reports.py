"""Reports of validators that quote the value they refuse, with the field's name on another line.

pydantic prints `input_value=...` under a line that holds the field's path; jsonschema quotes the value in its first
line and again under `On instance['field']:`. The value goes in both places.
"""

from __future__ import annotations

import re

from policy_engine.privacy.detectors import Detector
from policy_engine.privacy.fields import Action, FieldRules
from policy_engine.privacy.marks import MARKER

_PYDANTIC = re.compile(
    r"(?m)^([\w.\[\]-]{1,256})\r?\n([ \t]{1,4}[^\n]{0,512}?\binput_value=)([^\n]{1,1024}?)(?=, input_type=|\]$|$)"
)
_JSONSCHEMA = re.compile(r"On [\w ]{1,32}((?:\[(?:'[^'\n]{1,128}'|\d{1,9})\]){1,16}):\n {4}([^\n]{1,1024})")
_LAST_NAME = re.compile(r"'([^']{1,128})'\](?:\[\d{1,9}\]){0,8}\Z")


def validation_reports(rules: FieldRules) -> Detector:
    """Return the detector of refused values; fields are judged by ``rules``."""

    def masked_pydantic(match: re.Match[str]) -> str:
        field = match[1].rpartition(".")[2] if not match[1].rpartition(".")[2].isdigit() else match[1]
        return match[0] if rules.decide(field) is Action.KEEP else f"{match[1]}\n{match[2]}{MARKER}"

    def mask(text: str) -> str:
        return _mask_jsonschema(_PYDANTIC.sub(masked_pydantic, text), rules)

    return Detector("validation_reports", ("input_value=", "on instance["), mask)


def _mask_jsonschema(text: str, rules: FieldRules) -> str:
    found = _JSONSCHEMA.search(text)
    name = None if found is None else _LAST_NAME.search(found[1])
    if found is None or name is None or rules.decide(name[1]) is Action.KEEP:
        return text
    before = text[: found.start(2)]
    if found[2].startswith(("'", '"')):
        # Up to its own quote: the report may stand in quotes itself.
        before = before.replace(found[2][: found[2].rindex(found[2][0]) + 1], MARKER)
    elif text.startswith(f"{found[2]} "):
        before = MARKER + before[len(found[2]) :]
    return f"{before}{MARKER}{text[found.end(2) :]}"
