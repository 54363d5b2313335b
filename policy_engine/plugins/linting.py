"""A plugin's own checks of a policy: what they find becomes findings like all others, each at its place.

Foreign code runs here, when a policy is checked and never later. It gets a copy of the policy's data, so that it
changes nothing; one that raises is a finding with its name, and spoils no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from policy_engine.plugins.contributions import LintFinding
from policy_engine.plugins.examination import called
from policy_engine.plugins.problems import PluginProblemError, Problem
from policy_engine.policy import Diagnostic, Document, Span
from policy_engine.policy.diagnostics import finding

HOOK = "policy_engine_lint"

_CODE = re.compile(r"(?!PE[0-9])[A-Z]{2,12}[0-9]{1,4}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def plugin_findings(document: Document, plugins: Mapping[str, object]) -> Iterator[Diagnostic]:
    """Yield what the plugins, by the names that the policy has for them, find in a document."""
    names = list(document.data.get("plugins", ()))
    for name, plugin in plugins.items():
        try:
            yield from [_diagnostic(document, name, found) for found in _found(name, plugin, document.data)]
        except PluginProblemError as stopped:
            problem = stopped.problem
            span = document.locate(("plugins", names.index(name))) if name in names else None
            yield finding(problem.code, problem.message, span=span, file=document.files[0].name, help=problem.help)


def _found(name: str, plugin: object, data: Mapping[str, Any]) -> list[Any]:
    return called(name, plugin, HOOK, document=deepcopy(dict(data))) if hasattr(plugin, HOOK) else []


def _diagnostic(document: Document, name: str, found: object) -> Diagnostic:
    problem = _problem(name, found)
    if problem is not None or not isinstance(found, LintFinding):
        raise PluginProblemError(problem or _of_another_type(name, found))
    span = _place(document, found)
    file = span.file if span is not None else document.files[0].name
    return Diagnostic(found.code, found.severity, found.message, file, span, found.help, kind=found.name)


def _problem(name: str, found: object) -> Problem | None:
    if not isinstance(found, LintFinding):
        return _of_another_type(name, found)
    if not _CODE.fullmatch(found.code):
        help_text = "capital letters of the plugin's own and a number: \"ACME1\"; codes with PE are the policy engine's"
        return Problem("PE406", f'plugin "{name}": "{found.code}" is no code for a finding', help_text)
    if not _NAME.fullmatch(found.name):
        help_text = 'lower case words with hyphens: "queue-without-trigger"'
        return Problem("PE406", f'plugin "{name}": "{found.name}" is no name for a kind of finding', help_text)
    if found.severity not in ("error", "warning"):
        return Problem("PE406", f'plugin "{name}": a finding is an "error" or a "warning", not "{found.severity}"')
    if not isinstance(found.path, list | tuple) or not all(isinstance(step, str | int) for step in found.path):
        return Problem("PE406", f'plugin "{name}": the path of a finding is a list of keys and numbers')
    return None


def _of_another_type(name: str, found: object) -> Problem:
    return Problem("PE406", f'plugin "{name}": {HOOK} gave a {type(found).__name__}, not a LintFinding')


def _place(document: Document, found: LintFinding) -> Span | None:
    """Where its path stands, or the nearest table around it that stands anywhere."""
    path = tuple(found.path)
    for cut in range(len(path), 0, -1):
        span = document.locate(path[:cut], key=found.at_key)
        if span is not None:
            return span
    return None
