"""Reports of validators that quote the value they refuse, with the field's name on another line.

pydantic prints `input_value=...` under a line that holds the field's path; jsonschema quotes the value in its first
line and again under `On instance['field']:`. The value goes wherever the report repeats it.
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
        text = _PYDANTIC.sub(masked_pydantic, text)
        for path, value in _JSONSCHEMA.findall(text):
            name = _LAST_NAME.search(path)
            if name is not None and value != MARKER and rules.decide(name[1]) is not Action.KEEP:
                text = text.replace(value, MARKER)
        return text

    return Detector("validation_reports", ("input_value=", "on instance["), mask)
