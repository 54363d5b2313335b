"""Last good results: for which calls they are kept, for how long, and how many."""

import asyncio

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
