"""`engine.statistics(since=...)`: the same words and the same answer, live and from a store."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import an_engine

from policy_engine import VirtualClock
from policy_engine.metrics.costs import LABELS

NOON = 1_772_366_400.0
POLICY = """
[categories.NETWORK]
severity = "HIGH"
[categories.DATABASE]
severity = "MEDIUM"
[[rules]]
name = "net"
match.exception = "ConnectionError"
category = "NETWORK"
[[rules]]
name = "db"
match.exception = "ValueError"
category = "DATABASE"
[breakers.api]
failure_threshold = 2
[calls.api]
breaker = "api"
[calls.db]
[degradation]
levels = ["full", "degraded"]
[[degradation.triggers]]
name = "many"
level = "degraded"
when = { metric = "errors", window = "1m", at_least = 5 }
release = { below = 2, for = "10s" }
[[recovery.strategies]]
name = "wait"
match = { category = "DATABASE" }
steps = [{ action = "wait", for = "5s" }]
"""
STORE = '[store]\nkind = "memory"\n'
ERRORS = {"net": ConnectionResetError, "aborted": ConnectionAbortedError, "db": ValueError, "none": KeyError}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("error"), st.sampled_from(sorted(ERRORS)), st.sampled_from(["", "shop", "cart"])),
        st.tuples(st.just("call"), st.sampled_from(["api", "db"]), st.sampled_from([*sorted(ERRORS), ""])),
        st.tuples(st.just("advance"), st.integers(1, 8 * 300).map(lambda eighths: eighths / 8)),
    ),
    max_size=20,
)
QUESTIONS = st.fixed_dictionaries(
    {
        "since": st.sampled_from(["1m", "7m", "1h", "1d", "2026-03-01T11:59", "2026-03-01T12:01:30Z"]),
        "by": st.sampled_from(LABELS),
        "per": st.sampled_from([None, "minute", "hour", "day"]),
    },
    optional={"category": st.sampled_from(["NETWORK", "DATABASE"]), "module": st.sampled_from(["shop", ""])},
)


class Walked(VirtualClock):
    """A clock whose time of day somebody sets, while its seconds pass."""

    shift = 0.0

    def time(self) -> float:
        return super().time() + self.shift


def live(engine, steps):
    """Let a service live through the steps."""
    for what, *rest in steps:
        if what == "advance":
            engine.clock.advance(rest[0])
        elif what == "error":
            name, module = rest
            engine.handle(ERRORS[name]("it failed"), module=module)
        else:
            _call(engine, *rest)


def _call(engine, target, failure):
    @engine.protect(target)
    def work():
        engine.clock.advance(0.25)
        if failure:
            raise ERRORS[failure]("it failed")

    with suppress(Exception):  # the engine has handled it
        work()


def but_for_quantiles(found):
    """A store keeps quantiles by the hour."""
    found["calls"] = {name: counts | {"seconds": counts["seconds"] is None} for name, counts in found["calls"].items()}
    found["recovery_seconds"] = sorted(found["recovery_seconds"])
    return found


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, asked=QUESTIONS)
def test_a_store_and_a_running_engine_give_the_same_answer_in_the_same_words(steps, asked):
    answers = []
    for policy in (POLICY, POLICY + STORE):
        engine = an_engine(policy, clock=VirtualClock(NOON))
        engine.handle(KeyError("the first"))
        engine.clock.advance(45.0 * 60)
        live(engine, steps)
        try:
            found = engine.statistics(**asked)
        except ValueError as error:
            found = {"calls": {}, "recovery_seconds": {}, "refused": str(error)}
        json.dumps(found)
        answers.append(but_for_quantiles(found))
    of_live, of_store = answers
    for group, other in zip(of_live.get("groups", []), of_store.get("groups", []), strict=True):
        assert group.pop("impact") == pytest.approx(other.pop("impact"), abs=1e-5)
    if "impact" in of_live:
        assert of_live.pop("impact") == pytest.approx(of_store.pop("impact"), abs=1e-5)
    assert of_live == of_store


@pytest.fixture(params=["", STORE], ids=["live", "store"])
def engine(request):
    return an_engine(POLICY + request.param, clock=Walked(NOON))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"since": "yesterday"}, 'not a time: "yesterday" (write how long ago, as in "1h" or "7d", or when'),
        ({"since": ""}, 'not a time: ""'),
        ({"since": "-1h"}, 'not a time: "-1h"'),
        ({"since": "2026-13-01"}, 'not a time: "2026-13-01" ('),
        ({"since": "2026-03-01 at noon"}, "not a time"),
        ({"since": "1h", "until": "2h"}, 'nothing lies between "1h" and "2h"'),
        ({"since": "0s"}, 'nothing lies between "0s" and "now"'),
        ({"since": "2100-01-01"}, 'nothing lies between "2100-01-01" and "now"'),
        ({"since": "1h", "by": "colour"}, 'errors are not counted by "colour": there are category, severity,'),
        ({"since": "1h", "per": "week"}, 'errors are not counted per "week": there are minute, hour, day'),
        ({"since": "1h", "colour": "red"}, 'errors are not counted by "colour"'),
        ({"by": "rule"}, "say since when"),
        ({"category": "DATABASE"}, "say since when"),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(engine, asked, words):
    with pytest.raises(ValueError) as refused:
        engine.statistics(**asked)
    assert words in str(refused.value)


@pytest.mark.parametrize("since", ["99999d", "1970-01-01", "0001-01-01", "1ms"])
def test_a_period_may_be_as_long_or_as_short_as_one_likes(engine, since):
    engine.handle(ConnectionResetError())
    assert engine.statistics(since=since)["errors"] == 1


def test_a_value_that_no_error_has_is_answered_with_nothing(engine):
    engine.handle(ConnectionResetError())
    found = engine.statistics(since="1h", category="'; DROP TABLE errors; --")
    assert (found["errors"], found["groups"]) == (0, [])
    assert engine.statistics(since="1h")["errors"] == 1


def test_a_kind_is_new_when_first_seen_in_the_period_and_back_when_not_seen_in_the_one_before(engine):
    engine.handle(ConnectionResetError())
    engine.clock.advance(3600.0)
    assert engine.statistics(since="10m")["new_fingerprints"] == []
    again = engine.handle(ConnectionResetError())
    fresh = engine.handle(ValueError())
    found = engine.statistics(since="10m")
    assert found["new_fingerprints"] == [fresh.fingerprint]
    assert found["returning_fingerprints"] == [again.fingerprint]
    assert engine.statistics(since="1d")["returning_fingerprints"] == []


def test_counts_by_the_minute_say_when(engine):
    engine.handle(ConnectionResetError())
    engine.clock.advance(61.0)
    engine.handle(ConnectionResetError())
    engine.handle(ConnectionResetError())
    (group,) = engine.statistics(since="1h", per="minute")["groups"]
    assert group["over_time"] == {"2026-03-01T12:00:00+00:00": 1, "2026-03-01T12:01:00+00:00": 2}


def test_errors_are_counted_when_the_clock_said_they_came_though_it_was_set_back_and_forth(engine):
    engine.handle(ConnectionResetError())
    engine.clock.shift = -7200.0
    engine.handle(ConnectionResetError())
    engine.clock.shift = 86400.0
    engine.handle(ConnectionResetError())
    engine.clock.shift = 0.0
    engine.clock.advance(1.0)
    assert engine.statistics(since="1h")["errors"] == 1
    assert engine.statistics(since="3h", per="hour")["groups"][0]["over_time"] == {
        "2026-03-01T10:00:00+00:00": 1,
        "2026-03-01T12:00:00+00:00": 1,
    }
    assert engine.statistics(since="3h", until="2026-03-03")["errors"] == 3


def test_a_level_that_was_low_while_the_clock_was_set_back_costs_no_negative_time(engine):
    engine.handle(ConnectionResetError())
    engine.degradation.set_level("degraded", "by hand")
    engine.clock.shift = -7200.0
    engine.clock.advance(10.0)
    engine.degradation.set_level("full", "by hand")
    assert engine.statistics(since="1d")["impact"]["degraded_seconds"] >= 0.0
