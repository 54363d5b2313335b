"""Last good results: for which calls they are kept, for how long, and how many."""

import asyncio
from contextlib import suppress
from threading import Thread

import pytest
from protect.call_makers import a_protection

from policy_engine.clock import VirtualClock
from policy_engine.protect import LastGood


class Weather:
    """A client that answers until it breaks."""

    def __init__(self):
        self.broken = False

    def get(self, city):
        if self.broken:
            raise ConnectionResetError(f"no weather in {city}")
        return f"sun in {city}"

    async def fetch(self, city):
        return self.get(city)


def test_an_age_is_counted_from_the_moment_the_result_came():
    clock, weather = VirtualClock(), Weather()
    get = a_protection(clock, fallback=LastGood(300.0))(weather.get)
    clock.advance(1000.0)
    get("Bern")
    weather.broken = True
    clock.advance(300.0)
    assert get("Bern") == "sun in Bern"
    clock.advance(0.1)
    with pytest.raises(ConnectionResetError):
        get("Bern")


def test_the_last_good_result_of_a_coroutine_answers_until_it_is_too_old():
    clock, weather = VirtualClock(), Weather()
    clock.advance(1000.0)
    fetch = a_protection(clock, fallback=LastGood(300.0))(weather.fetch)
    assert asyncio.run(fetch("Bern")) == "sun in Bern"
    weather.broken = True
    clock.advance(300.0)
    assert asyncio.run(fetch("Bern")) == "sun in Bern"
    with pytest.raises(ConnectionResetError, match="no weather in Lima"):
        asyncio.run(fetch("Lima"))
    clock.advance(0.1)
    with pytest.raises(ConnectionResetError, match="no weather in Bern"):
        asyncio.run(fetch("Bern"))


def test_a_coroutine_without_a_last_good_result_raises_its_own_error():
    weather = Weather()
    weather.broken = True
    with pytest.raises(ConnectionResetError, match="no weather in Bern"):
        asyncio.run(a_protection(fallback=LastGood(300.0))(weather.fetch)("Bern"))


def test_a_thousand_results_are_kept_and_the_one_renewed_longest_ago_goes_first():
    weather = Weather()
    get = a_protection(fallback=LastGood(300.0))(weather.get)
    for city in range(1000):
        get(city)
    get(0)
    get(1000)
    weather.broken = True
    with pytest.raises(ConnectionResetError):
        get(1)
    assert [get(0), get(2), get(1000)] == ["sun in 0", "sun in 2", "sun in 1000"]


class Place:
    """An argument whose comparison runs foreign code."""

    def __init__(self, compare):
        self.compare = compare

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return self.compare()


def test_no_lock_is_held_while_arguments_are_compared():
    weather = Weather()
    protection = a_protection(fallback=LastGood(300.0))

    @protection
    def get(place):
        return weather.get("Bern")

    def compare_by_a_call():
        get("elsewhere")
        return True

    def ask_twice():
        get(Place(compare_by_a_call))
        get(Place(compare_by_a_call))
        weather.broken = True
        with suppress(ConnectionResetError):
            get(Place(compare_by_a_call))

    asking = Thread(target=ask_twice, daemon=True)
    asking.start()
    asking.join(10.0)
    assert not asking.is_alive()


def test_arguments_that_cannot_be_compared_or_hashed_cost_nobody_a_result_or_hide_an_error():
    def refuse():
        raise TypeError("no truth in this expression")

    class Unhashable(Place):
        def __hash__(self):
            return self.compare()

    weather = Weather()
    get = a_protection(fallback=LastGood(300.0))(lambda place: weather.get("Bern"))
    for place in (Place(refuse), Place(refuse), Unhashable(lambda: 1 // 0)):
        assert get(place) == "sun in Bern"
    weather.broken = True
    for place in (Place(refuse), Unhashable(lambda: 1 // 0)):
        with pytest.raises(ConnectionResetError):
            get(place)
