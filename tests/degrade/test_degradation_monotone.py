"""The worse the triggers have it, the worse the level: never is it better where there are more errors or triggers.

Without the flap limit, which remembers returns: what returns less often is held for less.
"""

from __future__ import annotations

from degrade.degrade_support import Service
from degrade.test_degradation_model import LEVELS, QUIET, RATE, SECTION
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 40), st.integers(1, 90)), max_size=25))
def test_more_errors_never_make_a_better_level(course):
    section = {**SECTION, "flap_limit": {"hold": "0s"}}
    fewer, more = Service(section, **QUIET), Service(section, **QUIET)
    for rate, extra, seconds in course:
        fewer.see(error_rate=rate)
        more.see(error_rate=rate + extra)
        for _ in range(seconds):
            assert LEVELS.index(more.level) >= LEVELS.index(fewer.level)
            fewer.pass_time(1)
            more.pass_time(1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 90)), max_size=25))
def test_a_trigger_more_never_makes_a_better_level(course):
    extra = {
        "name": "extra",
        "level": "emergency",
        "when": {**RATE, "above": 45},
        "for": "9s",
        "release": {"for": "3s"},
    }
    section = {**SECTION, "flap_limit": {"hold": "0s"}}
    few = Service(section, **QUIET)
    many = Service({**section, "triggers": [*SECTION["triggers"], extra]}, **QUIET)
    for rate, seconds in course:
        few.see(error_rate=rate)
        many.see(error_rate=rate)
        for _ in range(seconds):
            assert LEVELS.index(many.level) >= LEVELS.index(few.level)
            few.pass_time(1)
            many.pass_time(1)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 4),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3), st.integers(1, 90)), max_size=25),
)
def test_a_trigger_that_asks_for_a_worse_level_never_makes_a_better_one(number, course):
    triggers = SECTION["triggers"]
    severe = {**triggers[number], "level": LEVELS[min(LEVELS.index(triggers[number]["level"]) + 1, 3)]}
    section = {**SECTION, "flap_limit": {"hold": "0s"}}
    mild = Service(section, **QUIET)
    worse = Service({**section, "triggers": [*triggers[:number], severe, *triggers[number + 1 :]]}, **QUIET)
    for rate, open_breakers, seconds in course:
        for service in (mild, worse):
            service.see(error_rate=rate, error_ratio=rate / 100, calls=50, open_breakers=open_breakers)
        for _ in range(seconds):
            assert LEVELS.index(worse.level) >= LEVELS.index(mild.level)
            mild.pass_time(1)
            worse.pass_time(1)
