"""A finding, and the register of all kinds of finding.

Every finding of load, schema, lint, tests and plugins is one `Diagnostic`. Knows nothing of how one is found or shown.
A plugin's own lint has codes of its own, which are not registered here.
A code is never reused: one that is retired stays in the register's comments. Hundreds group them: 1 reading and form,
2 names that nothing defines, 3 text in other languages inside a policy (regular expressions, templates), 4 plugins,
5 policy tests, 6 what does nothing or not what it seems to do, 7 layers and variables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Kind(NamedTuple):
    """A kind of finding: its name, and how grave it is."""

    name: str
    severity: Severity = "error"


CODES: dict[str, Kind] = {
    "PE101": Kind("invalid-toml"),
    "PE102": Kind("duplicate-key"),
    "PE103": Kind("not-utf8"),
    "PE104": Kind("too-deep"),
    "PE105": Kind("missing-path"),
    "PE106": Kind("empty-policy"),
    "PE107": Kind("unreadable-file"),
    "PE108": Kind("defined-twice"),
    "PE111": Kind("unknown-key"),
    "PE112": Kind("missing-key"),
    "PE113": Kind("wrong-type"),
    "PE114": Kind("unknown-value"),
    "PE115": Kind("out-of-range"),
    "PE116": Kind("wrong-form"),
    "PE117": Kind("conflicting-keys"),
    "PE118": Kind("not-finite"),
    "PE119": Kind("integer-too-large"),
    "PE120": Kind("not-a-whole-number"),
    "PE121": Kind("date-not-allowed"),
    "PE122": Kind("ambiguous-release"),
    "PE201": Kind("unknown-breaker"),
    "PE202": Kind("unknown-level"),
    "PE203": Kind("unknown-category"),
    "PE204": Kind("unknown-channel"),
    "PE205": Kind("unknown-action"),
    "PE206": Kind("unknown-rule"),
    "PE207": Kind("unknown-strategy"),
    "PE208": Kind("unknown-call"),
    "PE209": Kind("call-in-use"),
    "PE210": Kind("unknown-metric", "warning"),
    "PE211": Kind("unknown-channel-kind"),
    "PE212": Kind("unknown-detector"),
    "PE213": Kind("unknown-matcher"),
    "PE301": Kind("refused-regex"),
    "PE302": Kind("invalid-template"),
    "PE303": Kind("unknown-template-name"),
    "PE304": Kind("unsupported-expression"),
    "PE401": Kind("unknown-plugin"),
    "PE402": Kind("broken-plugin"),
    "PE403": Kind("unknown-hook"),
    "PE404": Kind("wrong-hook-argument"),
    "PE405": Kind("name-taken"),
    "PE406": Kind("invalid-contribution"),
    "PE407": Kind("plugin-without-hooks"),
    "PE408": Kind("plugin-needs-a-restart"),
    "PE501": Kind("expectation-failed"),
    "PE502": Kind("no-tests"),
    "PE503": Kind("no-policy-for-test"),
    "PE504": Kind("late-expectation", "warning"),
    "PE505": Kind("unknown-route"),
    "PE506": Kind("nothing-to-expect"),
    "PE507": Kind("engine-fault"),
    "PE508": Kind("coverage-too-low"),
    "PE509": Kind("script-without-effect", "warning"),
    "PE510": Kind("steps-out-of-order"),
    "PE511": Kind("unknown-component"),
    "PE512": Kind("no-expectation", "warning"),
    "PE601": Kind("shadowed-rule", "warning"),
    "PE602": Kind("same-rule", "warning"),
    "PE603": Kind("never-matches", "warning"),
    "PE611": Kind("never-holds", "warning"),
    "PE612": Kind("always-holds", "warning"),
    "PE613": Kind("overlapping-release", "warning"),
    "PE614": Kind("longer-than-window", "warning"),
    "PE615": Kind("trigger-without-effect", "warning"),
    "PE616": Kind("adjustment-without-effect", "warning"),
    "PE621": Kind("unused-name", "warning"),
    "PE631": Kind("key-without-effect", "warning"),
    "PE632": Kind("attempts-past-intensity", "warning"),
    "PE633": Kind("unreachable-intensity", "warning"),
    "PE634": Kind("unreachable-threshold", "warning"),
    "PE641": Kind("unknown-exception", "warning"),
    "PE642": Kind("exception-alias", "warning"),
    "PE651": Kind("written-secret", "warning"),
    "PE671": Kind("absent-pseudonym-key", "warning"),
    "PE672": Kind("short-pseudonym-key", "warning"),
    "PE673": Kind("readable-pseudonym-key", "warning"),
    "PE701": Kind("nothing-to-switch-off"),
    "PE702": Kind("unknown-neighbour"),
    "PE703": Kind("extends-itself"),
    "PE704": Kind("unset-variable"),
    "PE705": Kind("malformed-variable"),
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file, from 1, in lines and characters; the end is just past the last character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Place:
    """Another place that a finding speaks of, and what is there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, where, and what to do."""

    code: str
    severity: Severity
    message: str
    file: str
    span: Span | None
    help: str | None = None
    docs: str | None = None
    places: tuple[Place, ...] = ()
    kind: str = ""
    """What a plugin's code stands for; empty for our own, which are registered."""

    @property
    def name(self) -> str:
        """What the code stands for: ``"unknown-category"``."""
        return self.kind or CODES[self.code].name

    def __str__(self) -> str:
        where = str(self.span) if self.span is not None else self.file
        place = f"{where}: " if where else ""
        text = f"{place}{self.severity} {self.code} {self.name}: {self.message}"
        return f"{text} ({self.help})" if self.help else text


def finding(
    code: str,
    message: str,
    *,
    span: Span | None = None,
    file: str | None = None,
    help: str | None = None,  # noqa: A002  the word that users see
    places: tuple[Place, ...] = (),
) -> Diagnostic:
    """Make a diagnostic of a registered kind; ``file`` is only needed where there is no ``span``."""
    where = span.file if span is not None else (file or "")
    return Diagnostic(code, CODES[code].severity, message, where, span, help, f"docs/diagnostics/{code}.md", places)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings as a reader meets them: by file, line, column, then code; each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    span = diagnostic.span
    line, column = (span.line, span.column) if span is not None else (0, 0)
    return diagnostic.file, line, column, diagnostic.code, diagnostic.message


def failed(diagnostics: Iterable[Diagnostic], *, strict: bool = False) -> bool:
    """Tell whether these findings refuse a policy: any error does, and with ``strict`` any warning."""
    return any(strict or diagnostic.severity == "error" for diagnostic in diagnostics)
