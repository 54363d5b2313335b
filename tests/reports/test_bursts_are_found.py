"""When errors came thick: what a headline says began then and was over then."""

from __future__ import annotations

from random import Random

import pytest
from makers import an_info

from policy_engine.reports import Timeline
from policy_engine.reports.bursts import Burst, bursts


def found(times: list[float], category: str = "NETWORK") -> list[Burst]:
    timeline = Timeline()
    for time in times:
        timeline.handled(an_info(time=time, category=category))
    span = timeline.span()
    assert span is not None
    return bursts(timeline, span)


def test_a_burst_begins_and_ends_to_the_second() -> None:
    quiet = [float(second) for second in range(0, 3600, 60)]
    burst, *others = found([*quiet, *(1000 + second / 2 for second in range(120))])
    assert (burst.start, burst.end) == (1000, 1060)
    assert not burst.ongoing
    assert not others


def test_a_lull_inside_does_not_split_a_burst() -> None:
    thick = [1000 + second / 4 for second in range(80)] + [1030 + second / 4 for second in range(80)]
    (burst,) = found([0.0, 5000.0, *thick])
    assert (burst.start, burst.end, burst.count) == (1000, 1050, 160)


def test_what_fails_until_the_last_line_is_still_going_on() -> None:
    (burst,) = found([0.0, *(float(second) for second in range(3000, 3600))])
    assert (burst.start, burst.ongoing) == (3000, True)


def test_what_fails_for_most_of_the_time_has_a_beginning_too() -> None:
    (burst,) = found([0.0, *(float(second) for second in range(200, 1000, 2))])
    assert (burst.start, burst.ongoing) == (200, True)


def test_of_several_bursts_the_biggest_comes_first() -> None:
    small = [2000 + number / 10 for number in range(100)]
    big = [8000 + number / 10 for number in range(300)]
    assert [burst.start for burst in found([0.0, *small, *big, 10_000.0])] == [8000, 2000]


@pytest.mark.parametrize("seed", range(20))
def test_errors_that_come_by_chance_have_no_burst(seed: int) -> None:
    random = Random(seed)
    assert found([random.uniform(0, 36_000) for _ in range(2000)]) == []


def test_a_handful_of_errors_has_no_burst() -> None:
    assert found([0.0, 1.0, 2.0, 5000.0]) == []


def test_a_burst_of_one_category_is_found_under_the_noise_of_another() -> None:
    timeline = Timeline()
    for second in range(3600):
        timeline.handled(an_info(time=float(second), category="API"))
    for second in range(1800, 1820):
        timeline.handled(an_info(time=float(second), category="DATABASE"))
    timeline.handled(an_info(time=10.0, category="DATABASE"))
    span = timeline.span()
    assert span is not None
    assert bursts(timeline, span, category="API") == []
    (burst,) = bursts(timeline, span, category="DATABASE")
    assert (burst.start, burst.end, burst.by_category) == (1800, 1820, [("DATABASE", 20)])
