"""The level against a model written from the docs: at any time both must say the same.

The model keeps the whole past and looks at it once a second, because every duration here is whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from degrade.degrade_support import Service
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

LEVELS = ["full", "degraded", "minimal", "emergency"]
RATE = {"metric": "error_rate", "window": "1m"}
RATIO = {"metric": "error_ratio", "window": "1m"}
PROBATION, WITHIN, HOLD, LONGEST = 30, 600, 60, 150

SECTION = {
    "levels": LEVELS,
    "probation": "30s",
    "flap_limit": {"within": "10m", "hold": "1m", "max": "150s"},
    "triggers": [
        {"name": "rate", "level": "degraded", "when": {**RATE, "above": 30}, "for": "20s",
         "release": {"below": 10, "for": "1m"}},
        {"name": "storm", "level": "minimal", "when": {**RATE, "at_least": 60}, "release": {"for": "10s"}},
        {"name": "ratio", "level": "emergency", "when": {**RATIO, "above": 0.5}, "for": "5s", "minimum_events": 20,
         "release": {"below": 0.2, "for": "30s"}, "when_idle": "hold"},
        {"name": "breakers", "level": "degraded",
         "when": {"any": [{"metric": "open_breakers", "at_least": 2}, {**RATIO, "above": 0.9}]},
         "release": {"when": {"metric": "open_breakers", "at_most": 0}, "for": "7s"}},
    ],
    "components": {"charts": {"triggers": [
        {"name": "charts", "level": "emergency", "when": {**RATE, "above": 50}, "for": "3s", "release": {"for": "5s"}},
    ]}},
}  # fmt: skip
SHORTEST_RELEASE = 5
SECONDS = st.sampled_from([1, 2, 3, 5, 6, 7, 9, 10, 11, 20, 29, 30, 31, 59, 60, 61, 90, 150, 400])


@dataclass
class Rule:
    """One trigger as its documentation tells it: predicates over values, durations in seconds."""

    position: int
    fires: object
    held_for: int
    relieved: object
    relieved_for: int


def over(value, limit):
    return value is not None and value > limit


RULES = [
    Rule(1, lambda v: over(v["error_rate"], 30), 20, lambda v: v["error_rate"] < 10, 60),
    Rule(2, lambda v: v["error_rate"] >= 60, 0, lambda v: v["error_rate"] < 60, 10),
    Rule(
        3,
        lambda v: over(v["error_ratio"], 0.5) and v["calls"] >= 20,
        5,
        lambda v: (v["calls"] or v["errors"]) and v["error_ratio"] is not None and v["error_ratio"] < 0.2,
        30,
    ),
    Rule(1, lambda v: v["open_breakers"] >= 2 or over(v["error_ratio"], 0.9), 0, lambda v: v["open_breakers"] == 0, 7),
]
CHARTS = [Rule(3, lambda v: v["error_rate"] > 50, 3, lambda v: v["error_rate"] <= 50, 5)]


@dataclass
class Model:
    """Everything that was seen, and what follows from it."""

    rules: list[Rule]
    in_force: list[bool] = field(default_factory=list)
    runs: list[list[int]] = field(default_factory=list)
    moves: list[tuple[int, int, int]] = field(default_factory=list)
    may_rise: float = 0.0

    def __post_init__(self):
        self.in_force = [False] * len(self.rules)
        self.runs = [[] for _ in self.rules]

    @property
    def position(self):
        return self.moves[-1][2] if self.moves else 0

    def look(self, now, values):
        for number, rule_ in enumerate(self.rules):
            wanted = rule_.relieved if self.in_force[number] else rule_.fires
            needed = rule_.relieved_for if self.in_force[number] else rule_.held_for
            self.runs[number] = [*self.runs[number], now] if wanted(values) else []
            if self.runs[number] and now - self.runs[number][0] >= needed:
                self.in_force[number] = not self.in_force[number]
                self.runs[number] = []
        target = max((r.position for r, on in zip(self.rules, self.in_force, strict=True) if on), default=0)
        if target > self.position:
            self.moves.append((now, self.position, target))
            self.may_rise = now + self.hold(now)
        elif target < self.position and now >= self.may_rise:
            self.moves.append((now, self.position, self.position - 1))
            self.may_rise = now + PROBATION

    def hold(self, now):
        returns = [
            time
            for (_, before, after), (time, again_before, again_after) in zip(self.moves, self.moves[1:], strict=False)
            if after < before and again_after > again_before and time > now - WITHIN
        ]
        return min(LONGEST, HOLD * 2 ** (len(returns) - 1)) if returns else 0


class LevelsAgainstTheModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        quiet = {"error_rate": 0, "error_ratio": None, "calls": 0, "errors": 0, "open_breakers": 0}
        self.service = Service(SECTION, **quiet)
        self.models = {"": Model(RULES), "charts": Model(CHARTS)}
        self.now = 0
        self.pin = None

    @rule(
        error_rate=st.sampled_from([0, 9, 10, 30, 31, 50, 51, 59, 60, 90]),
        error_ratio=st.sampled_from([None, 0.0, 0.19, 0.2, 0.5, 0.6, 0.95]),
        calls=st.sampled_from([0, 19, 20]),
        errors=st.sampled_from([0, 3]),
        open_breakers=st.sampled_from([0, 1, 2]),
    )
    def values_change(self, **values):
        self.service.see(**values)
        self.look()

    @rule(then=SECONDS)
    def all_is_well_for_a_while(self, then):
        self.values_change(error_rate=0, error_ratio=0.0, calls=50, errors=0, open_breakers=0)
        self.time_passes(then)

    @rule(
        storm=st.sampled_from([{"error_rate": 90}, {"error_rate": 40}, {"error_ratio": 0.95}, {"open_breakers": 2}]),
        then=SECONDS,
    )
    def a_storm_comes(self, storm, then):
        self.values_change(**storm)
        self.time_passes(then)

    @rule(ratio=st.sampled_from([None, 0.0]), then=SECONDS)
    def everything_falls_silent(self, ratio, then):
        self.values_change(error_rate=0, error_ratio=ratio, calls=0, errors=0, open_breakers=0)
        self.time_passes(then)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds):
        for _ in range(seconds):
            self.now += 1
            self.look()
        self.service.pass_time(seconds)

    @rule(step=st.integers(-100_000, 100_000))
    def the_wall_clock_steps(self, step):
        self.service.clock.set_time(self.service.clock.time() + step)

    @rule(level=st.sampled_from(LEVELS), seconds=st.one_of(st.none(), st.integers(1, 100)))
    def somebody_pins_a_level(self, level, seconds):
        self.service.degradation.set_level(level, "test", expires=seconds)
        self.pin = (LEVELS.index(level), None if seconds is None else self.now + seconds)

    @precondition(lambda self: self.pin is not None)
    @rule()
    def the_pin_is_released(self):
        self.service.degradation.release_pin()
        self.pin = None

    def look(self):
        if self.pin is not None and self.pin[1] is not None and self.now >= self.pin[1]:
            self.pin = None
        for model in self.models.values():
            model.look(self.now, self.service.values)

    @invariant()
    def both_say_the_same(self):
        service = self.models[""].position if self.pin is None else self.pin[0]
        assert self.service.level == LEVELS[service]
        charts = max(service, self.models["charts"].position)
        assert self.service.degradation.level("charts") == LEVELS[charts]

    @invariant()
    def no_level_rises_sooner_than_the_shortest_release_after_it_fell(self):
        for model in self.models.values():
            for (fell, before, after), (rose, _, again) in zip(model.moves, model.moves[1:], strict=False):
                assert not (after > before and again < after) or rose - fell >= SHORTEST_RELEASE


LevelsAgainstTheModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLevelsAgainstTheModel = LevelsAgainstTheModel.TestCase


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 40), st.integers(1, 90)), max_size=25))
def test_more_errors_never_make_a_better_level(course):
    section = {**SECTION, "flap_limit": {"hold": "0s"}}
    quiet = {"error_ratio": None, "calls": 0, "errors": 0, "open_breakers": 0}
    fewer, more = Service(section, error_rate=0, **quiet), Service(section, error_rate=0, **quiet)
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
    quiet = {"error_rate": 0, "error_ratio": None, "calls": 0, "errors": 0, "open_breakers": 0}
    few = Service(section, **quiet)
    many = Service({**section, "triggers": [*SECTION["triggers"], extra]}, **quiet)
    for rate, seconds in course:
        few.see(error_rate=rate)
        many.see(error_rate=rate)
        for _ in range(seconds):
            assert LEVELS.index(many.level) >= LEVELS.index(few.level)
            few.pass_time(1)
            many.pass_time(1)
