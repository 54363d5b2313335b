"""Entries with ``enforce = false``: evaluated, told and counted, and without any effect."""

from __future__ import annotations

import logging
from contextlib import suppress
from random import Random

import pytest
from makers import a_policy, an_engine, an_error

from policy_engine import CircuitOpenError, Engine, VirtualClock
from policy_engine.model import BreakerChanged, ErrorHandled, LevelChanged, RecoveryChanged, ShadowDecision

RULES = """
[categories.NETWORK]
severity = "LOW"
retryable = true
[[rules]]
name = "trial"
enforce = false
match.exception = "ConnectionError"
category = "NETWORK"
severity = "HIGH"
[[rules]]
name = "old"
match.exception = "OSError"
category = "NETWORK"
"""
TRIGGER = """
[[degradation.triggers]]
name = "trial"
enforce = {enforce}
level = "minimal"
when = {{ metric = "errors", window = "1m", above = 2 }}
"""
BREAKER = """
[breakers.api]
enforce = {enforce}
failure_threshold = 2
recovery_timeout = "10s"
success_threshold = 1
"""


def decisions(engine: Engine) -> list[ShadowDecision]:
    """What is published from now on of entries that are not enforced."""
    found: list[ShadowDecision] = []
    engine.subscribe(lambda event: found.append(event) if isinstance(event, ShadowDecision) else None)
    return found


def connection_error() -> ConnectionError:
    return ConnectionResetError("reset")


def fail() -> None:
    raise connection_error()


def attempt(engine: Engine, times: int = 1) -> int:
    """Calls that were refused."""
    refused = 0
    for _ in range(times):
        try:
            engine.breaker("api").call(fail)
        except CircuitOpenError:
            refused += 1
        except ConnectionError:
            pass
    return refused


def test_a_rule_in_shadow_decides_nothing_and_says_what_it_would_have() -> None:
    engine = an_engine(RULES)
    told = decisions(engine)
    info = engine.handle(connection_error())
    assert (info.rule, info.severity) == ("old", "LOW")
    ((decision),) = told
    assert (decision.kind, decision.name, decision.would) == ("rule", "trial", "NETWORK HIGH, retryable")
    assert decision.info is info
    assert engine.statistics()["shadow"] == {"rule": {"trial": 1}}


def test_a_rule_in_shadow_is_not_told_of_where_it_would_not_have_been_asked() -> None:
    engine = an_engine(RULES)
    told = decisions(engine)
    engine.handle(OSError("disk"))
    above = an_engine(
        RULES.replace(
            '[[rules]]\nname = "trial"',
            '[[rules]]\nname = "first"\nmatch.exception = "OSError"\ncategory = "NETWORK"\n[[rules]]\nname = "trial"',
        )
    )
    told += decisions(above)
    above.handle(connection_error())
    assert told == []


def test_an_explanation_and_its_places_are_those_of_the_rules_that_are_enforced() -> None:
    engine = an_engine(RULES)
    explanation = engine.explain(an_error("ConnectionResetError", "x", "ConnectionError", "OSError"))
    assert explanation.classification.rule == "old"
    assert explanation.matched is not None
    assert explanation.matched.origin.endswith(":11")
    assert explanation.decisions[0].origin.endswith(":14")


def test_a_trigger_in_shadow_changes_no_level() -> None:
    engine = an_engine(TRIGGER.format(enforce="false"))
    told = decisions(engine)
    levels: list[LevelChanged] = []
    engine.subscribe(lambda event: levels.append(event) if isinstance(event, LevelChanged) else None)
    for _ in range(5):
        engine.handle(connection_error())
    assert engine.level() == "full"
    assert levels == []
    assert [(each.kind, each.name, each.would) for each in told] == [("trigger", "trial", "level full -> minimal")]
    engine.clock.advance(300)  # type: ignore[attr-defined]
    for _ in range(5):
        engine.handle(connection_error())
    assert engine.statistics()["shadow"] == {"trigger": {"trial": 2}}
    assert engine.statistics()["level_history"] == []


def test_a_trigger_of_a_component_in_shadow_changes_no_level() -> None:
    section = TRIGGER.format(enforce="false").replace("degradation.triggers", "degradation.components.charts.triggers")
    engine = an_engine(section)
    told = decisions(engine)
    for _ in range(5):
        engine.handle(connection_error())
    assert engine.level("charts") == "full"
    assert [each.would for each in told] == ["charts: level full -> minimal"]


def test_a_breaker_in_shadow_refuses_no_call_and_tells_when_it_would_have_opened() -> None:
    engine = an_engine(BREAKER.format(enforce="false"))
    told = decisions(engine)
    changed: list[BreakerChanged] = []
    engine.subscribe(lambda event: changed.append(event) if isinstance(event, BreakerChanged) else None)
    assert attempt(engine, 5) == 0
    breaker = engine.breaker("api")
    assert breaker.state == "METRICS_ONLY"
    assert [each.would for each in told] == ["CLOSED -> OPEN (2 failures in a row)"]
    statistics = breaker.statistics()
    assert (statistics.calls, statistics.failures, statistics.refused) == (5, 5, 0)
    assert (statistics.would_be, statistics.would_refuse) == ("OPEN", 3)
    engine.clock.advance(11)  # type: ignore[attr-defined]
    breaker.call(lambda: None)
    assert [each.would.partition(" (")[0] for each in told[1:]] == ["OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED"]
    assert changed == []
    assert engine.statistics()["shadow"] == {"breaker": {"api": 3}}


def test_a_breaker_in_shadow_would_have_done_what_the_same_one_does_when_enforced() -> None:
    random = Random(3)
    calls = [(random.random() < 0.6, random.uniform(0, 4)) for _ in range(400)]

    def run(enforce: str) -> list[tuple[float, str, str]]:
        clock = VirtualClock()
        engine = an_engine(BREAKER.format(enforce=enforce), clock=clock)
        found: list[tuple[float, str, str]] = []

        def note(event: object) -> None:
            if isinstance(event, BreakerChanged):
                found.append((event.time, event.before.value, event.after.value))
            elif isinstance(event, ShadowDecision):
                before, _, rest = event.would.partition(" -> ")
                found.append((event.time, before, rest.partition(" ")[0]))

        engine.subscribe(note)
        for fails, pause in calls:
            clock.advance(pause)
            with suppress(CircuitOpenError, ConnectionError):
                engine.breaker("api").call(fail if fails else (lambda: None))
        return found

    assert run("false") == run("true") != []


def test_a_reload_takes_a_breaker_out_of_the_shadow_and_back() -> None:
    engine = an_engine(BREAKER.format(enforce="false"))
    assert attempt(engine, 5) == 0
    engine.adopt(a_policy(BREAKER.format(enforce="true")))
    assert attempt(engine, 5) == 3
    engine.adopt(a_policy(BREAKER.format(enforce="false")))
    assert attempt(engine, 5) == 0


STRATEGY = """
[[recovery.strategies]]
name = "{name}"
enforce = {enforce}
match.exception = "{exception}"
steps = [{{ action = "call", function = "repair" }}]
"""


def test_a_strategy_in_shadow_plans_nothing() -> None:
    engine = an_engine(STRATEGY.format(name="trial", enforce="false", exception="ConnectionError"))
    repaired: list[object] = []
    engine.register("repair", lambda *_: repaired.append(1))
    told = decisions(engine)
    changed: list[RecoveryChanged] = []
    engine.subscribe(lambda event: changed.append(event) if isinstance(event, RecoveryChanged) else None)
    info = engine.handle(connection_error())
    engine.clock.advance(60)  # type: ignore[attr-defined]
    assert (info.recovery_id, repaired, changed) == (None, [], [])
    assert [(each.kind, each.name, each.would) for each in told] == [("strategy", "trial", "start a recovery")]
    assert engine.recovery_manager.statistics()["by_strategy"] == {}


@pytest.mark.parametrize(("first", "told_of"), [("true", []), ("false", ["above"])])
def test_a_strategy_in_shadow_has_its_place_behind_those_above_it(first: str, told_of: list[str]) -> None:
    engine = an_engine(
        STRATEGY.format(name="above", enforce=first, exception="OSError")
        + STRATEGY.format(name="trial", enforce="false", exception="ConnectionError")
    )
    engine.register("repair", lambda *_: None)
    told = decisions(engine)
    engine.handle(connection_error())
    engine.clock.advance(60)  # type: ignore[attr-defined]
    assert [each.name for each in told] == told_of


def test_a_route_in_shadow_tells_nobody(caplog: pytest.LogCaptureFixture) -> None:
    engine = an_engine(
        "[alerts.channels.ops]\nkind = 'log'\n"
        "[[alerts.routes]]\nname = 'trial'\nenforce = false\nchannel = 'ops'\nthrottle = '1m'\ntext = '{{ type }}'\n"
    )
    told = decisions(engine)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            engine.handle(connection_error())
        engine.clock.advance(1)  # type: ignore[attr-defined]
    assert caplog.records == []
    assert [(each.kind, each.name, each.would) for each in told] == [
        ("route", "trial", "tell ops: ConnectionResetError"),
    ]


def test_nothing_changes_by_what_is_in_shadow_over_any_errors() -> None:
    watching = RULES + TRIGGER.format(enforce="false")
    watching += STRATEGY.format(name="s", enforce="false", exception="OSError")
    plain = RULES.replace(RULES[RULES.index("[[rules]]") : RULES.index('[[rules]]\nname = "old"')], "")
    seen = []
    for text in (watching, plain):
        engine = an_engine(text)
        infos: list[tuple[object, ...]] = []
        engine.subscribe(
            lambda event, infos=infos: (
                infos.append(  # type: ignore[misc]
                    (event.info.rule, event.info.severity, event.info.level, event.info.recovery_id)
                )
                if isinstance(event, ErrorHandled)
                else None
            )
        )
        for number in range(200):
            engine.handle(connection_error() if number % 3 else ValueError("bad"))
            engine.clock.advance(0.5)  # type: ignore[attr-defined]
        seen.append(infos)
    assert seen[0] == seen[1]


def test_counts_of_what_was_in_shadow_start_anew_with_the_others() -> None:
    engine = an_engine(RULES)
    engine.handle(connection_error())
    engine.reset_statistics()
    assert engine.statistics()["shadow"] == {}
