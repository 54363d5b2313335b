"""Whether what a plugin brought can be used: its type, its name, its function, its schema. Nothing of it is called."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import re2

from policy_engine.enriching import EXCEPTION
from policy_engine.match.regex import options
from policy_engine.plugins.contributions import Detector, Enricher, Kind, LogFormat
from policy_engine.plugins.problems import Problem
from policy_engine.recover import Action
from policy_engine.recover.options import STEP_KEYS

_ACTION_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_SHOWN = 80
_NAME_HELP = 'lower case letters, digits and "_", in parts joined by dots: '


def action_problem(name: str, action: object) -> Problem | None:
    """Return why an engine cannot run an action of the plugin ``name``."""
    if not isinstance(action, Action):
        given = type(action).__name__
        return Problem("PE406", f'plugin "{name}": policy_engine_actions gave a {given}, not an Action')
    if not _ACTION_NAME.fullmatch(action.name):
        help_text = f'{_NAME_HELP}"acme.restart_worker"'
        return Problem("PE406", f'plugin "{name}": "{action.name}" is no name for an action', help_text)
    if not callable(action.run):
        return Problem("PE406", f'plugin "{name}": the action "{action.name}" has nothing that can be called')
    return _schema_problem(name, action.name, action.schema, STEP_KEYS, "every step")


def contribution_problem(name: str, kind: Kind, brought: Any) -> Problem | None:
    """Return why an engine cannot use what the plugin ``name`` brought."""
    if not isinstance(brought, kind.form):
        given = type(brought).__name__
        return Problem("PE406", f'plugin "{name}": {kind.hook} gave a {given}, not a {kind.form.__name__}')
    if not isinstance(brought.name, str) or not _NAME.fullmatch(brought.name):
        message = f'plugin "{name}": "{brought.name}" is no name for {kind.a_word}'
        return Problem("PE406", message, f'{_NAME_HELP}"acme.{kind.example}"')
    problem = _function_problem(name, kind, brought)
    if isinstance(brought, Enricher) and problem is None and not _are_needs(brought.needs):
        message = f'plugin "{name}": the enricher "{brought.name}" needs what there is not'
        return Problem("PE406", message, f'needs is () or ("{EXCEPTION}",)')
    if isinstance(brought, LogFormat):
        return _log_format_problem(name, brought)
    if isinstance(brought, Detector):
        return _detector_problem(name, brought)
    if problem is None and hasattr(brought, "schema"):
        return _schema_problem(name, brought.name, brought.schema, kind.taken, "such a table")
    return problem


def _function_problem(name: str, kind: Kind, brought: Any) -> Problem | None:
    if not kind.function:
        return None
    function = getattr(brought, kind.function)
    which = f'plugin "{name}": the {kind.word} "{brought.name}"'
    if not callable(function):
        return Problem("PE406", f"{which} has nothing that can be called")
    if inspect.iscoroutinefunction(function):
        return Problem("PE406", f"{which} is asynchronous, and nobody would await it", "make it a plain function")
    return None


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) and text for text in value)


def _are_needs(value: object) -> bool:
    return isinstance(value, list | tuple) and all(need == EXCEPTION for need in value)


def _detector_problem(name: str, detector: Detector) -> Problem | None:
    which = f'plugin "{name}": the detector "{detector.name}"'
    for texts, what in ((detector.patterns, "patterns"), (detector.literals, "literals")):
        if not _are_texts(texts):
            return Problem("PE406", f"{which} has {what} that are no list of texts")
    if not detector.patterns:
        return Problem("PE406", f"{which} has no pattern")
    for pattern in detector.patterns:
        refusal = _refusal(pattern)
        if refusal is not None:
            return Problem("PE406", f'{which}: RE2 refuses its pattern "{pattern}": {refusal}')
    return None


def _log_format_problem(name: str, log_format: LogFormat) -> Problem | None:
    which = f'plugin "{name}": the log format "{log_format.name}"'
    if not isinstance(log_format.pattern, str):
        return Problem("PE406", f"{which} has a pattern that is no text")
    refusal = _refusal(log_format.pattern)
    if refusal is not None:
        return Problem("PE406", f"{which}: RE2 refuses its pattern: {refusal}")
    if "message" not in re2.compile(log_format.pattern, options(ignore_case=False)).groupindex:
        return Problem("PE406", f"{which} says nowhere what the message is", "add a group (?P<message>...)")
    if not _are_texts(log_format.levels):
        return Problem("PE406", f"{which} has levels that are no list of words")
    return None


def _refusal(pattern: str) -> str | None:
    """What RE2 says of a pattern that it refuses."""
    try:
        re2.compile(pattern, options(ignore_case=False))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return None


def _schema_problem(
    name: str, owner: str, schema: Mapping[str, object], taken: Collection[str], every: str
) -> Problem | None:
    import jsonschema  # costs 50 ms, and only a policy that names plugins needs it

    if not isinstance(schema, Mapping):
        return Problem("PE406", f'plugin "{name}": the schema of "{owner}" is none: it must be a table')
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        where = f'its "{place}" cannot be' if place else "it cannot be"
        written = json.dumps(error.instance, default=str)[:_SHOWN]
        return Problem("PE406", f'plugin "{name}": the schema of "{owner}" is none: {where} {written}')
    properties = schema.get("properties", {})
    both = sorted(set(taken).intersection(properties)) if isinstance(properties, Mapping) else []
    if both:
        message = f'plugin "{name}": the parameter "{both[0]}" of "{owner}" is a key that {every} has'
        return Problem("PE406", message, "give it another name")
    return None
