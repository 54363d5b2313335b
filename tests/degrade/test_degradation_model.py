"""The level against a model written from the docs: at any time both must say the same.

The model keeps the whole past and looks at it once a second, because every duration here is whole seconds. Both are
compared after each of these seconds, so a level that flaps between two of them is found too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from degrade.degrade_support import Service
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from policy_engine.metrics import metric

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
        {"name": "nobody-buys", "level": "minimal", "when": {"metric": "shop.orders", "below": 3}, "for": "40s",
         "release": {"at_least": 5, "for": "20s"}},
        {"name": "queue", "steps": 1, "when": {"metric": "shop.queue", "above": 5}, "for": "15s",
         "release": {"below": 2, "for": "8s"}},
    ],
    "components": {
        "charts": {"triggers": [
            {"name": "charts", "level": "emergency", "when": {**RATE, "above": 50}, "for": "3s",
             "release": {"for": "5s"}},
        ]},
        "search": {"triggers": [
            {"name": "search", "level": "degraded", "release": {"for": "5s"},
             "when": {"all": [{**RATE, "above": 9}, {"not": {"metric": "open_breakers", "at_least": 1}}]}},
            {"name": "search-stalls", "steps": 2, "when": {"metric": "shop.queue", "at_least": 9},
             "release": {"for": "10s"}, "when_idle": "hold"},
        ]},
    },
}  # fmt: skip
QUIET = {
    "error_rate": 0, "error_ratio": None, "calls": 0, "errors": 0, "open_breakers": 0,
    "shop.orders": None, "shop.queue": 0,
}  # fmt: skip
WELL = {**QUIET, "error_ratio": 0.0, "calls": 50, "shop.orders": 9}
SHORTEST_RELEASE = 5
SECONDS = st.sampled_from([1, 2, 3, 5, 6, 7, 9, 10, 11, 20, 29, 30, 31, 59, 60, 61, 90, 150, 400])


@dataclass
class Rule:
    """One trigger as its documentation tells it: predicates over values, durations in seconds."""

    position: int | None
    """``None``: ``steps`` below the level at which it fires."""
    fires: object
    held_for: int
    relieved: object
    relieved_for: int
    steps: int = 1


def over(value, limit):
    return value is not None and value > limit


def under(value, limit):
    return value is not None and value < limit


def active(values):
    return values["calls"] or values["errors"]


def lonely_errors(values):
    return values["error_rate"] > 9 and not values["open_breakers"] >= 1


RULES = [
    Rule(1, lambda v: v["error_rate"] > 30, 20, lambda v: v["error_rate"] < 10, 60),
    Rule(2, lambda v: v["error_rate"] >= 60, 0, lambda v: v["error_rate"] < 60, 10),
    Rule(
        3,
        lambda v: over(v["error_ratio"], 0.5) and v["calls"] >= 20,
        5,
        lambda v: active(v) and under(v["error_ratio"], 0.2),
        30,
    ),
    Rule(1, lambda v: v["open_breakers"] >= 2 or over(v["error_ratio"], 0.9), 0, lambda v: v["open_breakers"] == 0, 7),
    Rule(2, lambda v: under(v["shop.orders"], 3), 40, lambda v: v["shop.orders"] is None or v["shop.orders"] >= 5, 20),
    Rule(None, lambda v: v["shop.queue"] > 5, 15, lambda v: v["shop.queue"] < 2, 8),
]
CHARTS = [Rule(3, lambda v: v["error_rate"] > 50, 3, lambda v: v["error_rate"] <= 50, 5)]
SEARCH = [
    Rule(1, lonely_errors, 0, lambda v: not lonely_errors(v), 5),
    Rule(None, lambda v: v["shop.queue"] >= 9, 0, lambda v: active(v) and v["shop.queue"] < 9, 10, steps=2),
]


@dataclass
class Model:
    """Everything that was seen, and what follows from it."""

    rules: list[Rule]
    asks: list[int | None] = field(default_factory=list)
    """The position that each rule asks for; ``None`` while it is not in force."""
    runs: list[list[int]] = field(default_factory=list)
    further: list[list[int]] = field(default_factory=list)
    """Since when the condition of a rule in force held without a break, for those that go by steps."""
    moves: list[tuple[int, int, int]] = field(default_factory=list)
    may_rise: float = 0.0

    def __post_init__(self):
        self.asks = [None] * len(self.rules)
        self.runs = [[] for _ in self.rules]
        self.further = [[] for _ in self.rules]

    @property
    def position(self):
        return self.moves[-1][2] if self.moves else 0

    def look(self, now, values):
        for number, rule_ in enumerate(self.rules):
            in_force = self.asks[number] is not None
            wanted = rule_.relieved if in_force else rule_.fires
            needed = rule_.relieved_for if in_force else rule_.held_for
            self.runs[number] = [*self.runs[number], now] if wanted(values) else []
            if self.runs[number] and now - self.runs[number][0] >= needed:
                self.asks[number] = None if in_force else self.asked_by(rule_)
                self.runs[number], self.further[number] = [], []
            self.step_further(number, rule_, now, values)
        target = max((asked for asked in self.asks if asked is not None), default=0)
        if target > self.position:
            self.moves.append((now, self.position, target))
            self.may_rise = now + self.hold(now)
        elif target < self.position and now >= self.may_rise:
            self.moves.append((now, self.position, self.position - 1))
            self.may_rise = now + PROBATION

    def asked_by(self, rule_):
        return min(self.position + rule_.steps, len(LEVELS) - 1) if rule_.position is None else rule_.position

    def step_further(self, number, rule_, now, values):
        if rule_.position is not None or self.asks[number] is None or not rule_.held_for:
            return
        self.further[number] = [*self.further[number], now] if rule_.fires(values) else []
        if self.further[number] and now - self.further[number][0] >= rule_.held_for:
            self.asks[number] = min(self.asks[number] + rule_.steps, len(LEVELS) - 1)
            self.further[number] = [now]

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
        self.service = Service(SECTION, **QUIET)
        self.models = {"": Model(RULES), "charts": Model(CHARTS), "search": Model(SEARCH)}
        self.now = 0
        self.pins = {}
        self.had_pins = False
        self.seen = {}
        self.fell_at = {}

    @rule(
        error_rate=st.sampled_from([0, 9, 10, 30, 31, 50, 51, 59, 60, 90]),
        error_ratio=st.sampled_from([None, 0.0, 0.19, 0.2, 0.5, 0.6, 0.95]),
        calls=st.sampled_from([0, 19, 20]),
        errors=st.sampled_from([0, 3]),
        open_breakers=st.sampled_from([0, 1, 2]),
        orders=st.sampled_from([None, 2, 3, 5]),
        queue=st.sampled_from([0, 1, 2, 5, 6, 9]),
        by_an_error=st.booleans(),
    )
    def values_change(self, orders, queue, by_an_error, **values):
        self.see(by_an_error=by_an_error, **values, **{"shop.orders": orders, "shop.queue": queue})

    @rule(then=SECONDS)
    def all_is_well_for_a_while(self, then):
        self.see(**WELL)
        self.time_passes(then)

    @rule(
        storm=st.sampled_from(
            [{"error_rate": 90}, {"error_rate": 40}, {"error_ratio": 0.95}, {"open_breakers": 2}, {"shop.queue": 9}]
        ),
        by_an_error=st.booleans(),
        then=SECONDS,
    )
    def a_storm_comes(self, storm, by_an_error, then):
        self.see(by_an_error=by_an_error, **storm)
        self.time_passes(then)

    @rule(ratio=st.sampled_from([None, 0.0]), then=SECONDS)
    def everything_falls_silent(self, ratio, then):
        self.see(**{**QUIET, "error_ratio": ratio})
        self.time_passes(then)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds):
        for _ in range(seconds):
            self.now += 1
            self.service.pass_time(1)
            self.look()

    @rule(step=st.integers(-100_000, 100_000))
    def the_wall_clock_steps(self, step):
        self.service.clock.set_time(self.service.clock.time() + step)

    @rule(
        level=st.sampled_from(LEVELS),
        seconds=st.one_of(st.none(), st.integers(1, 100)),
        component=st.sampled_from(["", "charts"]),
    )
    def somebody_pins_a_level(self, level, seconds, component):
        self.service.degradation.set_level(level, "test", expires=seconds, component=component)
        self.pins[component] = LEVELS.index(level), None if seconds is None else self.now + seconds
        self.both_say_the_same()

    @precondition(lambda self: self.pins)
    @rule(data=st.data())
    def a_pin_is_released(self, data):
        component = data.draw(st.sampled_from(sorted(self.pins)))
        self.service.degradation.release_pin(component=component)
        del self.pins[component]
        self.both_say_the_same()

    def see(self, *, by_an_error=False, **values):
        """Change values, of which a rate of errors rises with an error and the others by themselves."""
        self.service.values.update(values)
        self.service.degradation.evaluate([metric("error_rate", 60.0)] if by_an_error else None)
        self.look()

    def look(self):
        self.pins = {name: pin for name, pin in self.pins.items() if pin[1] is None or self.now < pin[1]}
        for model in self.models.values():
            model.look(self.now, self.service.values)
        self.both_say_the_same()

    def both_say_the_same(self):
        own = {name: self.pins[name][0] if name in self.pins else each.position for name, each in self.models.items()}
        for name in self.models:
            level = LEVELS.index(self.service.degradation.level(name))
            assert level == max(own[""], own[name])
            self.never_faster_than_the_dwell(name, level)
        assert self.service.level == LEVELS[own[""]]
        self.had_pins = bool(self.pins)

    def never_faster_than_the_dwell(self, name, level):
        """No level rises sooner than the shortest release after it fell, unless somebody's pin made it."""
        before = self.seen.get(name, 0)
        if self.pins or self.had_pins:
            self.fell_at.pop(name, None)
        elif level > before:
            self.fell_at[name] = self.now
        elif level < before and name in self.fell_at:
            assert self.now - self.fell_at[name] >= SHORTEST_RELEASE
        self.seen[name] = level


LevelsAgainstTheModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLevelsAgainstTheModel = LevelsAgainstTheModel.TestCase
