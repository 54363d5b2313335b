import asyncio
import functools
import inspect

import pytest
from degrade.degrade_support import Service, a_trigger

from policy_engine.degrade import compile_degradation
from policy_engine.errors import CircuitOpenError, DegradedError

EVERY_LEVEL = ("full", "degraded", "minimal", "emergency")


def runs(service, call):
    """At which levels ``call`` runs."""
    ran = []
    for level in service.degradation.levels:
        service.degradation.set_level(level, "test")
        try:
            call()
        except DegradedError:
            continue
        ran.append(level)
    return tuple(ran)


def test_a_critical_function_runs_down_to_minimal_and_an_emergency_function_everywhere():
    service = Service()
    assert runs(service, service.critical_function(lambda: 1)) == ("full", "degraded", "minimal")
    assert runs(service, service.emergency_function(lambda: 1)) == EVERY_LEVEL


def test_critical_is_all_but_the_worst_level_whatever_they_are_called():
    service = Service({"levels": ["up", "limp", "down"]})
    assert runs(service, service.critical_function(lambda: 1)) == ("up", "limp")
    only = Service({"levels": ["on"]})
    assert runs(only, only.critical_function(lambda: 1)) == ("on",)


def test_a_degradable_function_runs_where_the_policy_says():
    service = Service({"functions": {"chart": {"runs_at": ["full", "minimal"]}}})
    assert runs(service, service.degradable("chart")(lambda: 1)) == ("full", "minimal")
    assert runs(service, service.degradable("not in the policy")(lambda: 1)) == EVERY_LEVEL


def test_a_refused_call_says_what_why_and_when_to_try_again():
    section = {
        "triggers": [a_trigger(release={"below": 10, "for": "2m"})],
        "functions": {"chart": {"runs_at": ["full"]}},
    }
    service = Service(section)
    chart = service.degradable("chart")(lambda: 1)
    service.see(error_rate=31)
    with pytest.raises(DegradedError) as caught:
        chart()
    error = caught.value
    assert (error.function, error.level, error.reason) == ("chart", "degraded", "error_rate 60s > 30")
    assert error.retry_after == 120
    service.see(error_rate=0)
    service.pass_time(50)
    with pytest.raises(DegradedError) as caught:
        chart()
    assert caught.value.retry_after == 70


def test_under_a_pin_nobody_can_say_when_to_try_again_unless_it_expires():
    service = Service()
    critical = service.critical_function(lambda: 1)
    service.degradation.set_level("emergency", "fire")
    with pytest.raises(DegradedError, match="fire") as caught:
        critical()
    assert caught.value.retry_after is None
    service.degradation.set_level("emergency", "fire", expires=60)
    with pytest.raises(DegradedError) as caught:
        critical()
    assert caught.value.retry_after == 60


def test_a_refusal_after_a_pin_names_the_trigger_that_decides_again():
    service = Service({"triggers": [a_trigger(level="emergency")]})
    critical = service.critical_function(lambda: 1)
    service.degradation.set_level("full", "calm")
    service.see(error_rate=31)
    service.degradation.release_pin()
    with pytest.raises(DegradedError) as caught:
        critical()
    assert caught.value.reason == "error_rate 60s > 30"


def test_fallbacks_by_value_by_function_and_by_last_good_result():
    functions = {
        "list": {"runs_at": ["full"], "fallback": {"value": []}},
        "other": {"runs_at": ["full"], "fallback": {"function": "cheap"}},
        "cached": {"runs_at": ["full"], "fallback": {"last_good": "5m"}},
    }
    service = Service({"functions": functions})
    service.functions["cheap"] = lambda size: f"cheap {size}"
    by_value = service.degradable("list")(lambda: [1])
    by_function = service.degradable("other")(lambda size: f"dear {size}")
    by_last_good = service.degradable("cached")(lambda key: f"result {key}")
    by_last_good("a")
    service.degradation.set_level("degraded", "test")
    by_value().append("changed by the caller")
    assert by_value() == []
    assert by_function(size=3) == "cheap 3"
    assert by_last_good("a") == "result a"
    with pytest.raises(DegradedError):
        by_last_good("b")
    service.pass_time(300)
    assert by_last_good("a") == "result a"
    service.pass_time(1)
    with pytest.raises(DegradedError):
        by_last_good("a")


def test_a_sample_of_calls_runs_evenly_below_the_level():
    service = Service({"functions": {"trace": {"runs_at": ["full"], "sample": 0.25, "fallback": {"value": None}}}})
    trace = service.degradable("trace")(lambda: "ran")
    service.degradation.set_level("degraded", "test")
    results = [trace() for _ in range(100)]
    assert results.count("ran") == 25
    assert all(results[start : start + 4].count("ran") == 1 for start in range(0, 100, 4))


def test_a_sample_by_key_always_treats_one_key_alike():
    sample = {"share": 0.3, "key": "user", "at": ["degraded"]}
    section = {"functions": {"trace": {"runs_at": ["full"], "sample": sample, "fallback": {"value": None}}}}
    first, second = Service(section), Service(section)
    chosen = []
    for service in (first, second):
        service.degradation.set_level("degraded", "test")
        trace = service.degradable("trace")(lambda size, user="nobody": "ran")
        chosen.append([user for user in range(1000) if trace(1, user)])
        assert [user for user in range(1000) if trace(user=user, size=2)] == chosen[-1]
        service.degradation.set_level("minimal", "test")
        assert trace(1, chosen[-1][0]) is None
    assert chosen[0] == chosen[1]
    assert 250 < len(chosen[0]) < 350


def test_two_functions_sample_their_users_independently_of_each_other():
    half = {"runs_at": ["full"], "sample": {"share": 0.5, "key": "user"}, "fallback": {"value": None}}
    service = Service({"functions": {"chart": half, "quote": half}})
    service.degradation.set_level("degraded", "test")
    chart, quote = (service.degradable(name)(lambda user: "ran") for name in ("chart", "quote"))
    same = sum(chart(user) == quote(user) for user in range(1000))
    assert 430 < same < 570


def test_the_default_of_an_argument_is_a_key_as_good_as_any():
    share = {"runs_at": ["full"], "sample": {"share": 0.5, "key": "user"}, "fallback": {"value": None}}
    service = Service({"functions": {"trace": share}})
    service.degradation.set_level("degraded", "test")
    for name in ("nobody", "guest", "anna", "otto"):
        trace = service.degradable("trace")(lambda user=name: "ran")
        assert [trace() for _ in range(4)] == [trace(name)] * 4


def test_a_decorator_before_any_engine_finds_the_one_that_is_live_at_the_call():
    service, other = Service(), Service({"functions": {"chart": {"runs_at": ["full"]}}})
    live = [service]
    from policy_engine.degrade import FunctionDecorators

    chart = FunctionDecorators(lambda: live[0]).degradable("chart")(lambda: 1)
    service.degradation.set_level("minimal", "test")
    assert chart() == 1
    live[0] = other
    service.degradation.close()
    other.degradation.set_level("minimal", "test")
    with pytest.raises(DegradedError):
        chart()


def test_a_decorator_follows_a_reload():
    service = Service()
    chart = service.degradable("chart")(lambda: 1)
    service.degradation.set_level("minimal", "test")
    assert chart() == 1
    service.degradation.adopt(compile_degradation({"functions": {"chart": {"runs_at": ["full"]}}}))
    with pytest.raises(DegradedError):
        chart()


def test_an_exception_is_reported_once_and_raised_unchanged():
    service = Service()
    error = ValueError("boom")

    def inner():
        raise error

    inner = service.degradable("inner")(inner)
    outer = service.critical_function(lambda: inner())
    with pytest.raises(ValueError) as caught:
        outer()
    assert caught.value is error
    assert error.__cause__ is None
    assert error.__context__ is None
    assert [(reported, module) for reported, module, _ in service.reported] == [(error, __name__)]
    with pytest.raises(ValueError):
        inner()
    assert service.reported[1][2].endswith("inner")


def test_an_exception_that_the_outer_function_absorbs_is_not_reported():
    service = Service()
    inner = service.degradable("inner")(lambda: 1 / 0)

    @service.critical_function
    def outer():
        try:
            return inner()
        except ZeroDivisionError:
            return "absorbed"

    assert outer() == "absorbed"
    assert service.reported == []


def test_a_border_around_or_inside_reports_in_its_place():
    from policy_engine.boundary import Border

    service = Service()
    failing = service.critical_function(lambda: 1 / 0)
    with Border() as border, pytest.raises(ZeroDivisionError):
        failing()
    assert service.reported == []
    assert border.outermost
    seen = []

    @service.critical_function
    def protects_inside():
        with Border() as inner:
            pass
        seen.append(inner.outermost)

    protects_inside()
    assert seen == [False]


def test_refusals_cancellation_and_exits_are_not_reported():
    service = Service()
    service.degradation.set_level("emergency", "test")
    for error in (
        CircuitOpenError("api", retry_after=1.0),
        DegradedError("f", level="full", reason=""),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        SystemExit(1),
    ):

        @service.emergency_function
        def refuse(error=error):
            raise error

        with pytest.raises(type(error)):
            refuse()
    assert service.reported == []


def test_coroutines_are_refused_fall_back_and_report_when_awaited():
    section = {"functions": {"a": {"runs_at": ["full"], "fallback": {"function": "cheap"}}}}
    service = Service(section)

    async def cheap(value):
        return f"cheap {value}"

    service.functions["cheap"] = cheap

    @service.degradable("a")
    async def dear(value):
        await asyncio.sleep(0)
        if value < 0:
            raise ValueError(value)
        return f"dear {value}"

    @service.critical_function
    async def outer(value):
        return await dear(value)

    async def main():
        assert inspect.iscoroutinefunction(dear)
        assert await outer(1) == "dear 1"
        with pytest.raises(ValueError):
            await outer(-1)
        assert len(service.reported) == 1
        service.degradation.set_level("degraded", "test")
        assert await outer(1) == "cheap 1"
        service.degradation.set_level("emergency", "test")
        with pytest.raises(DegradedError):
            await outer(1)

    asyncio.run(main())
    assert len(service.reported) == 1


def test_generators_pass_what_is_sent_and_thrown_and_are_refused_at_their_first_item():
    service = Service({"functions": {"items": {"runs_at": ["full"], "fallback": {"value": ["a", "b"]}}}})

    @service.degradable("items")
    def items():
        got = yield 1
        try:
            yield got
        except KeyError:
            yield "caught"
        return "done"

    stream = items()
    assert [next(stream), stream.send("sent"), stream.throw(KeyError())] == [1, "sent", "caught"]
    with pytest.raises(StopIteration) as stopped:
        next(stream)
    assert stopped.value.value == "done"
    stream = items()
    next(stream)
    with pytest.raises(ZeroDivisionError):
        stream.throw(ZeroDivisionError())
    assert len(service.reported) == 1
    service.degradation.set_level("degraded", "test")
    assert list(items()) == ["a", "b"]


def test_asynchronous_generators_pass_what_is_sent_and_thrown_and_close():
    service = Service({"functions": {"items": {"runs_at": ["full"], "fallback": {"value": ["a", "b"]}}}})
    closed = []

    @service.degradable("items")
    async def items():
        try:
            got = yield 1
            try:
                yield got
            except KeyError:
                yield "caught"
            raise ValueError("boom")
        finally:
            closed.append(True)

    async def main():
        stream = items()
        assert [await anext(stream), await stream.asend("sent"), await stream.athrow(KeyError())] == [
            1,
            "sent",
            "caught",
        ]
        with pytest.raises(ValueError):
            await anext(stream)
        assert len(service.reported) == 1
        stream = items()
        await anext(stream)
        await stream.aclose()
        assert closed == [True, True]
        service.degradation.set_level("degraded", "test")
        assert [item async for item in items()] == ["a", "b"]

    asyncio.run(main())
    assert len(service.reported) == 1


def test_methods_partials_and_callable_objects_keep_their_kind():
    service = Service()
    critical = service.critical_function

    class Chart:
        def __init__(self, size):
            self.size = size

        @critical
        def draw(self, factor):
            return self.size * factor

        @classmethod
        @critical
        def name(cls):
            return cls.__name__

        @critical
        @staticmethod
        async def fetch(value):
            return value

        def __call__(self):
            return self.size

    assert Chart(3).draw(2) == 6
    assert Chart.name() == "Chart"
    assert critical(functools.partial(Chart(2).draw, 5))() == 10
    assert critical(Chart(4))() == 4
    assert asyncio.run(Chart.fetch(7)) == 7
    assert inspect.iscoroutinefunction(Chart.fetch)
    assert Chart.draw.__name__ == "draw"


def test_code_decides_for_itself_with_require_level_and_allows():
    service = Service()
    degradation = service.degradation
    degradation.set_level("degraded", "test")
    assert degradation.level() == "degraded"
    assert degradation.allows("minimal")
    assert not degradation.allows("full")
    with degradation.require("degraded"):
        pass
    with pytest.raises(DegradedError, match="require full"), degradation.require("full"):
        pass


def test_an_override_holds_for_one_request_alone():
    service = Service({"functions": {"chart": {"runs_at": ["full"], "fallback": {"value": "none"}}}})

    @service.degradable("chart")
    async def chart():
        return "drawn"

    async def request(level):
        with service.degradation.override(level):
            await asyncio.sleep(0)
            return service.degradation.level(), await chart()

    async def main():
        answers = await asyncio.gather(request("minimal"), request("full"))
        return [*answers, (service.degradation.level(), await chart())]

    assert asyncio.run(main()) == [("minimal", "none"), ("full", "drawn"), ("full", "drawn")]
    assert service.level == "full"
