"""What a step expects, held against what is so. Says what differs, not why.

Each key of an ``expect`` table has one function here, which yields a `Mismatch` for each thing that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.engine import Engine
from policy_engine.model import AlertSent, ErrorInfo
from policy_engine.policy.document import Path
from policy_engine.policy.durations import seconds
from policy_engine.policy.schema.wording import quoted, toml
from policy_engine.recover import Recovery
from policy_engine.simulate.policy_tests.observed import Observed, StepRecord

NO_ERROR = "no error was handled"
_CLOSE = 0.0005
"""Seconds by which a delay may differ: floating point adds up."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What an expectation may look at."""

    engine: Engine
    seen: Observed
    record: StepRecord
    info: ErrorInfo | None
    """The error that the step speaks of."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that differs: where in the ``expect`` table it is expected, and both sides in words."""

    path: Path
    expected: str
    actual: str

    @property
    def subject(self) -> str:
        """What it is about: the key, with what it is a key of."""
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self.path)


Mismatches = Iterator[Mismatch]


def mismatches(expect: Mapping[str, Any], sight: Sight) -> Mismatches:
    """Yield everything that is not as expected, in the order of the file."""
    for key, wanted in expect.items():
        yield from _CHECKS[key](key, wanted, sight)


def _property(key: str, wanted: Any, sight: Sight) -> Mismatches:
    if sight.info is None:
        yield Mismatch((key,), quoted(wanted), NO_ERROR)
        return
    actual = getattr(sight.info, key)
    if actual != wanted:
        yield Mismatch((key,), quoted(wanted), quoted(actual))


def _rule(key: str, wanted: Any, sight: Sight) -> Mismatches:
    if sight.info is None:
        yield Mismatch((key,), quoted(wanted), NO_ERROR)
    elif sight.info.rule != (wanted or None):
        actual = "no rule" if sight.info.rule is None else quoted(sight.info.rule)
        yield Mismatch((key,), "no rule" if wanted is False else quoted(wanted), actual)


def _tags(key: str, wanted: list[str], sight: Sight) -> Mismatches:
    if sight.info is None:
        yield Mismatch((key,), quoted(wanted), NO_ERROR)
    elif set(sight.info.tags) != set(wanted):
        yield Mismatch((key,), quoted(wanted), quoted(list(sight.info.tags)))


def _message(key: str, wanted: Any, sight: Sight) -> Mismatches:
    if sight.info is None:
        yield Mismatch((key,), _text_wanted(wanted), NO_ERROR)
    elif not _text_holds(wanted, sight.info.message):
        yield Mismatch((key,), _text_wanted(wanted), quoted(sight.info.message))


def _breakers(key: str, wanted: Mapping[str, str], sight: Sight) -> Mismatches:
    called = sight.engine.statistics()["breakers"]
    for name, state in wanted.items():
        actual = called[name]["state"] if name in called else _state_unless_called(name, sight)
        if actual != state:
            yield Mismatch((key, name), state, actual)


def _state_unless_called(name: str, sight: Sight) -> str:
    """The state of a breaker that nothing called; one of many with a key comes to be with its first call."""
    return "CLOSED" if "[" in name else sight.engine.breaker(name).state.value


def _level(key: str, wanted: str, sight: Sight) -> Mismatches:
    actual = sight.engine.degradation.current_level
    if actual != wanted:
        yield Mismatch((key,), quoted(wanted), quoted(actual))


def _components(key: str, wanted: Mapping[str, str], sight: Sight) -> Mismatches:
    for name, level in wanted.items():
        actual = sight.engine.degradation.level(name)
        if actual != level:
            yield Mismatch((key, name), quoted(level), quoted(actual))


def _count_of_step(key: str, wanted: Any, sight: Sight) -> Mismatches:
    yield from _count((key,), wanted, getattr(sight.record, key))


def _count(path: Path, wanted: Any, actual: float) -> Mismatches:
    if not _count_holds(wanted, actual):
        yield Mismatch(path, _count_wanted(wanted), str(actual))


def _delays(key: str, wanted: list[Any], sight: Sight) -> Mismatches:
    actual = sight.record.delays
    if len(actual) != len(wanted):
        shown = ", ".join(map(_duration, actual)) or "none"
        yield Mismatch((key,), f"{len(wanted)} retries of the last call", f"{len(actual)} ({shown})")
        return
    for index, (delay, each) in enumerate(zip(actual, wanted, strict=True)):
        limits = each if isinstance(each, dict) else {"at_least": each, "at_most": each}
        low, high = seconds(limits.get("at_least", "0s")), seconds(limits.get("at_most", "99999d"))
        if not low - _CLOSE <= delay <= high + _CLOSE:
            yield Mismatch((key, index), quoted(each), _duration(delay))


def _recovery(key: str, wanted: Any, sight: Sight) -> Mismatches:
    started = sight.seen.last_recovery
    recovery = None if started is None else sight.engine.recovery_manager.recovery(started)
    if wanted is False:
        if recovery is not None:
            yield Mismatch((key,), "no recovery", f"{quoted(recovery.strategy)} {recovery.status}")
        return
    if recovery is None:
        yield Mismatch((key,), quoted(wanted), "no recovery was started")
        return
    for name, value in wanted.items():
        if name == "steps":
            yield from _recovery_steps((key, name), value, recovery)
        elif getattr(recovery, name) != value:
            yield Mismatch((key, name), quoted(value), quoted(getattr(recovery, name)))


def _recovery_steps(path: Path, wanted: list[Any], recovery: Recovery) -> Mismatches:
    tables = [each if isinstance(each, dict) else {"action": each} for each in wanted]
    same = len(tables) == len(recovery.steps) and all(
        each["action"] == step.action and each.get("succeeded", step.succeeded) == step.succeeded
        for each, step in zip(tables, recovery.steps, strict=True)
    )
    if not same:
        taken = [f"{step.action} {'succeeded' if step.succeeded else 'failed'}" for step in recovery.steps]
        yield Mismatch(path, toml(wanted), ", ".join(taken) or "none")


def _alerts(key: str, wanted: Any, sight: Sight) -> Mismatches:
    record = sight.record
    if not isinstance(wanted, list):
        yield from _count((key,), wanted, record.alert_count)
        return
    if len(wanted) != record.alert_count:
        sent = ", ".join(sorted({alert.route for alert in record.alerts})) or "none"
        yield Mismatch((key,), f"{len(wanted)}", f"{record.alert_count} (routes: {sent})")
        return
    for index, (each, alert) in enumerate(zip(wanted, record.alerts, strict=False)):
        yield from _alert((key, index), each, alert)


def _alert(path: Path, wanted: Mapping[str, Any], alert: AlertSent) -> Mismatches:
    for name, value in wanted.items():
        actual = getattr(alert, name)
        if name == "text":
            if not _text_holds(value, actual):
                yield Mismatch((*path, name), _text_wanted(value), quoted(actual))
        elif actual != value:
            yield Mismatch((*path, name), quoted(value), quoted(actual))


def _counts(key: str, wanted: Mapping[str, Any], sight: Sight) -> Mismatches:
    seen = sight.seen
    totals = {
        "errors": seen.errors,
        "alerts": seen.alerts,
        "recoveries": len(seen.recoveries),
        "level_changes": seen.level_changes,
        "breaker_changes": seen.breaker_change_count,
        "allowed": seen.total("allowed"),
        "refused": seen.total("refused"),
    }
    for name, value in wanted.items():
        if name in totals:
            yield from _count((key, name), value, totals[name])
            continue
        counter = seen.categories if name == "categories" else seen.severities
        for label, number in value.items():
            yield from _count((key, name, label), number, counter[label])


def _count_holds(wanted: Any, actual: float) -> bool:
    if isinstance(wanted, dict):
        low, high = wanted.get("at_least", actual), wanted.get("at_most", actual)
        return bool(low <= actual <= high)
    return bool(actual == wanted)


def _count_wanted(wanted: Any) -> str:
    if not isinstance(wanted, dict):
        return str(wanted)
    return " and ".join(f"{key.replace('_', ' ')} {value}" for key, value in wanted.items())


def _text_holds(wanted: Any, text: str) -> bool:
    if isinstance(wanted, str):
        return text == wanted
    holds = all(words in text for words in _words(wanted, "contains"))
    return holds and not any(words in text for words in _words(wanted, "lacks"))


def _text_wanted(wanted: Any) -> str:
    if isinstance(wanted, str):
        return quoted(wanted)
    return " and ".join(f"a text that {key} {quoted(value)}" for key, value in wanted.items())


def _words(wanted: Mapping[str, Any], key: str) -> Sequence[str]:
    words = wanted.get(key, [])
    return [words] if isinstance(words, str) else words


def _duration(value: float) -> str:
    return f"{value * 1000:.6g}ms" if value < 1 else f"{value:.6g}s"


_CHECKS: Mapping[str, Callable[[str, Any, Sight], Mismatches]] = {
    "category": _property,
    "severity": _property,
    "retryable": _property,
    "rule": _rule,
    "tags": _tags,
    "message": _message,
    "breakers": _breakers,
    "level": _level,
    "components": _components,
    "delays": _delays,
    "recovery": _recovery,
    "alerts": _alerts,
    "counts": _counts,
    **dict.fromkeys(("allowed", "refused", "failed", "succeeded", "retries"), _count_of_step),
}
