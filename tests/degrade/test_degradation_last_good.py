import asyncio

import pytest
from degrade.degrade_support import Service

from policy_engine.degrade.recorded import MOST_ITEMS
from policy_engine.errors import DegradedError

SECTION = {"functions": {"page": {"runs_at": ["full"], "fallback": {"last_good": "5m"}}}}


def a_service():
    service = Service(SECTION)
    return service, service.degradable("page")


async def collect(stream):
    return [item async for item in stream]


def test_the_last_good_items_of_a_generator_come_again_for_the_same_arguments():
    service, page = a_service()

    @page
    def lines(name):
        yield f"first of {name}"
        yield f"second of {name}"

    assert list(lines("a")) == ["first of a", "second of a"]
    service.degradation.set_level("degraded", "test")
    assert list(lines("a")) == ["first of a", "second of a"]
    with pytest.raises(DegradedError):
        list(lines("b"))
    service.pass_time(301)
    with pytest.raises(DegradedError):
        list(lines("a"))


def test_so_do_those_of_an_asynchronous_generator():
    service, page = a_service()

    @page
    async def lines(name):
        yield f"first of {name}"
        yield f"second of {name}"

    assert asyncio.run(collect(lines("a"))) == ["first of a", "second of a"]
    service.degradation.set_level("degraded", "test")
    assert asyncio.run(collect(lines("a"))) == ["first of a", "second of a"]
    with pytest.raises(DegradedError):
        asyncio.run(collect(lines("b")))


def test_what_failed_was_closed_early_or_is_too_long_is_no_last_good_result():
    service, page = a_service()

    @page
    def numbers(many, fails=False):
        yield from range(many)
        if fails:
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        list(numbers(2, fails=True))
    closed = numbers(3)
    next(closed)
    closed.close()
    list(numbers(MOST_ITEMS))
    list(numbers(MOST_ITEMS + 1))
    service.degradation.set_level("degraded", "test")
    assert list(numbers(MOST_ITEMS)) == list(range(MOST_ITEMS))
    for refused in (numbers(2, fails=True), numbers(3), numbers(MOST_ITEMS + 1)):
        with pytest.raises(DegradedError):
            list(refused)


def test_a_generator_that_is_recorded_still_takes_what_is_sent_and_thrown():
    _, page = a_service()

    @page
    def echo():
        got = []
        while len(got) < 2:
            try:
                got.append((yield len(got)))
            except KeyError as error:
                got.append(error.args[0])
        return got

    stream = echo()
    assert [next(stream), stream.send("sent")] == [0, 1]
    with pytest.raises(StopIteration) as end:
        stream.throw(KeyError("thrown"))
    assert end.value.value == ["sent", "thrown"]


def test_an_asynchronous_one_does_too():
    _, page = a_service()

    @page
    async def echo():
        try:
            got = yield 0
            yield got
        except KeyError as error:
            yield error.args[0]

    async def talk():
        stream = echo()
        said = [await anext(stream), await stream.asend("sent"), await stream.athrow(KeyError("thrown"))]
        await stream.aclose()
        return said

    assert asyncio.run(talk()) == [0, "sent", "thrown"]
