"""Alert texts that are no templates, or that ask for what no error has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from policy_engine.lint.parts import Part, strings
from policy_engine.model import ErrorInfo
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema.wording import quoted, suggestion

_NAMES = ({field.name for field in fields(ErrorInfo)} - {"causes"}) | {"type", "cause", "suppressed"}
"""What a template may use: an error's fields as JSON has them, and how many alerts were held back."""


def wrong_templates(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each alert text that Jinja2 refuses, and for each unknown name in the others."""
    for part in strings(document.data, ("alerts", "routes", "*", "text")):
        yield from _wrong(document, part)


def _wrong(document: Document, part: Part) -> Iterator[Diagnostic]:
    # Loaded here because it takes 20 ms, and few policies write texts of their own.
    from jinja2 import Environment, TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    environment = Environment(autoescape=True)
    span, file = document.locate(part.path), document.files[0].name
    try:
        names = find_undeclared_variables(environment.parse(part.value))
    except TemplateSyntaxError as error:
        message = f"this is no template: {str(error.message).rstrip('.')} (line {error.lineno} of the text)"
        yield finding("PE302", message, span=span, file=file)
        return
    for name in sorted(names - _NAMES - environment.globals.keys()):
        message = f"the text uses {quoted(name)}, which no error has"
        yield finding("PE303", message, span=span, file=file, help=suggestion(name, sorted(_NAMES)))
