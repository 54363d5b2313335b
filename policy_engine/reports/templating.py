"""The templates of this room, with everything that they write escaped and made visible."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from policy_engine.reports import because, words


def template(name: str) -> Template:
    """Return a template of the package."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("policy_engine.reports"),
        autoescape=True,
        finalize=_safe,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "many": words.many,
        "when": words.when,
        "duration": words.duration,
        "stretch": words.stretch,
        "line": words.line,
        "place": words.place,
        "label": because.label,
        "number": _number,
        "kind": lambda shape: type(shape).__name__,
    }
    return environment


def _safe(value: object) -> object:
    """Whatever a template writes passes here before it is escaped: no text can be forgotten."""
    return words.shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: float) -> str:
    """A coordinate, to a hundredth, without zeros that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
