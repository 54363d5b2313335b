"""Settings that change nothing, or work against each other: triggers, adjustments, breakers, recoveries, the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.lint.names import DEFAULT_LEVELS
from policy_engine.lint.parts import Part, at, nested
from policy_engine.match.containment import certainly_contains
from policy_engine.model import Severity
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.document import Path
from policy_engine.policy.durations import seconds
from policy_engine.policy.schema.wording import quoted

_TRIGGERS = (("degradation", "triggers", "*"), ("degradation", "components", "*", "triggers", "*"))


def pointless_settings(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each setting without effect."""
    for pattern in _TRIGGERS:
        for trigger in at(document.data, pattern):
            yield from _of_trigger(document, trigger)
    for adjustment in at(document.data, ("severity", "adjust", "*")):
        yield from _of_adjustment(document, adjustment)
    for name, table in document.data.get("breakers", {}).items():
        yield from _of_breaker(document, name, table)
    for strategy in at(document.data, ("recovery", "strategies", "*")):
        yield from _of_strategy(document, strategy)
    yield from _of_store(document)


def _of_trigger(document: Document, trigger: Part) -> Iterator[Diagnostic]:
    best = document.data.get("degradation", {}).get("levels", DEFAULT_LEVELS)[0]
    if trigger.value.get("level") == best:
        message = f"this trigger never lowers the level: {quoted(best)} is the best there is"
        yield _warning(document, "PE615", message, (*trigger.path, "level"), "name a level below it")
    windows = [each.value["window"] for each in nested(Part((), trigger.value["when"])) if "window" in each.value]
    shortest = min(windows, key=seconds, default=None)
    held = trigger.value.get("for", "0s")
    if shortest is not None and seconds(held) > seconds(shortest):
        message = f"the condition must hold for {held}, and is measured over {shortest} alone"
        advice = f'measure it over "{held}" or more, or wait for a shorter time'
        yield _warning(document, "PE614", message, (*trigger.path, "for"), advice)


def _of_adjustment(document: Document, adjustment: Part) -> Iterator[Diagnostic]:
    match = adjustment.value.get("match")
    for key, limit, word in (("raise_to", "from", "raises"), ("lower_to", "to", "lowers")):
        target = adjustment.value.get(key)
        if target is None:
            continue
        none_left = target == (Severity.LOW if key == "raise_to" else Severity.CRITICAL)
        if none_left or (match and certainly_contains({"severity": {limit: target}}, match)):
            message = f"this adjustment never {word} a severity: all that it takes are {target} or beyond"
            yield _warning(document, "PE616", message, (*adjustment.path, key), "change the severity, or remove it")


def _of_breaker(document: Document, name: str, table: Mapping[str, Any]) -> Iterator[Diagnostic]:
    inherited = document.data["breakers"].get("default", {})
    path: Path = ("breakers", name)
    window = table.get("window", inherited.get("window"))
    if window is None and name != "default":
        for key in ("failure_rate", "minimum_calls"):
            if key in table:
                message = f"{key} changes nothing: without a window, failures in a row open the breaker"
                yield _warning(document, "PE631", message, (*path, key), "give it a window, or a failure_threshold")
    if "window" in table and "failure_threshold" in table:
        message = "failure_threshold changes nothing: with a window, rates open the breaker"
        yield _warning(document, "PE631", message, (*path, "failure_threshold"), "keep one of the two")
    if window and window["kind"] == "count" and "minimum_calls" in table and table["minimum_calls"] > window["size"]:
        message = f"{table['minimum_calls']} calls never stand in a window of {window['size']}: a full one is enough"
        yield _warning(document, "PE631", message, (*path, "minimum_calls"), "make the window larger")


def _of_strategy(document: Document, strategy: Part) -> Iterator[Diagnostic]:
    intensity = strategy.value.get("intensity")
    if intensity is None:
        return
    allowed, within = intensity["at_most"], intensity["within"]
    attempts = strategy.value.get("attempts", 1)
    if attempts > allowed:
        message = f"one recovery may run its steps {attempts} times, though intensity allows {allowed} in {within}"
        advice = "intensity counts recoveries, not attempts: allow fewer attempts, or more recoveries"
        yield _warning(document, "PE632", message, (*strategy.path, "attempts"), advice)
    rest = strategy.value.get("cooldown", "0s")
    if seconds(rest) * allowed >= seconds(within):
        message = f"the intensity is never used up: with a rest of {rest} no more than {allowed} fit into {within}"
        advice = "escalation waits for it: shorten the cooldown, or lengthen the time"
        yield _warning(document, "PE633", message, (*strategy.path, "intensity"), advice)


def _of_store(document: Document) -> Iterator[Diagnostic]:
    table = document.data.get("store", {})
    if table and "kind" not in table:  # one that says off may well stand over another layer's store
        key = next(iter(table))
        message = f"{key} changes nothing: without a kind, nothing is stored"
        yield _warning(document, "PE631", message, ("store", key), 'write kind = "sqlite", or "memory"')


def _warning(document: Document, code: str, message: str, path: Path, advice: str) -> Diagnostic:
    return finding(code, message, span=document.locate(path), file=document.files[0].name, help=advice)
