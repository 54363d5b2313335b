"""`policy_engine.testing`: errors made to order, captured events, and a handler that decorated functions follow."""

import json

import pytest

from policy_engine import degradable, get_error_handler, handle_error
from policy_engine.errors import DegradedError
from policy_engine.handler import set_error_handler
from policy_engine.model import BreakerChanged, BreakerState, ErrorHandled
from policy_engine.testing import CapturedEvents, fresh_handler, make_engine, make_error


@degradable("chart")
def chart() -> str:
    return "drawn"


@pytest.mark.parametrize(
    ("exception", "bases", "mro"),
    [
        ("acme.Odd", [], ["acme.Odd", "Exception", "BaseException"]),
        (
            "ConnectionResetError",
            [],
            ["ConnectionResetError", "ConnectionError", "OSError", "Exception", "BaseException"],
        ),
        ("httpx.ReadError", ["httpx.HTTPError"], ["httpx.ReadError", "httpx.HTTPError", "Exception", "BaseException"]),
        (
            "requests.Timeout",
            ["requests.Error", "OSError"],
            ["requests.Timeout", "requests.Error", "OSError", "Exception", "BaseException"],
        ),
        ("KeyboardInterrupt", [], ["KeyboardInterrupt", "BaseException"]),
        ("acme.Stop", ["BaseException"], ["acme.Stop", "BaseException"]),
    ],
)
def test_rules_take_a_made_error_for_the_real_one(exception: str, bases: list[str], mro: list[str]) -> None:
    info = make_engine().handle(make_error(exception, "what it says", bases=bases))
    assert list(dict.fromkeys(info.mro)) == mro
    assert info.message == "what it says"


@pytest.mark.parametrize(
    "kind", [OSError, KeyError, json.JSONDecodeError, UnicodeDecodeError, SyntaxError, ExceptionGroup, StopIteration]
)
def test_a_made_error_of_the_standard_library_is_caught_as_one(kind: type[BaseException]) -> None:
    error = make_error(f"{kind.__module__}.{kind.__qualname__}", "it says so")
    with pytest.raises(kind):
        raise error
    assert str(error) == "it says so"


def test_a_made_error_has_attributes_and_a_cause() -> None:
    error = make_error("httpx.HTTPStatusError", "Server error", status_code=503, cause=make_error("OSError", "reset"))
    info = make_engine().handle(error)
    assert (info.attributes["status_code"], info.rule) == (503, "server-error")
    assert [(cause.type, cause.message) for cause in info.causes] == [("OSError", "reset")]


def test_captured_events_are_found_by_their_kind_until_they_stop() -> None:
    engine = make_engine()
    events = CapturedEvents(engine)
    engine.breaker("api").force_open()
    engine.handle(ValueError("bad"))
    assert [event.after for event in events.of(BreakerChanged)] == [BreakerState.FORCED_OPEN]
    events.stop()
    engine.handle(ValueError("bad"))
    assert len(events.of(ErrorHandled)) == 1


def test_a_decorated_function_follows_the_handler_that_is_there_now() -> None:
    with fresh_handler() as outer:
        assert chart() == "drawn"
        with fresh_handler() as inner:
            assert chart() == "drawn"
            inner.degradation.set_level("emergency", "test")
            outer.degradation.set_level("full", "test")
            assert get_error_handler() is inner
            handle_error(ValueError("bad"))
        assert chart() == "drawn"
        outer.degradation.set_level("minimal", "test")
        assert get_error_handler() is outer
        assert outer.get_error_statistics()["total_errors"] == 0


def test_a_function_that_the_policy_stops_is_stopped_by_the_handler_that_is_there_now(tmp_path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[degradation.functions.chart]\nruns_at = ["full"]\n')
    with fresh_handler(make_engine()):
        assert chart() == "drawn"
        with fresh_handler(make_engine(path)) as strict:
            strict.degradation.set_level("minimal", "test")
            with pytest.raises(DegradedError):
                chart()
        assert chart() == "drawn"


def test_without_a_handler_the_next_use_makes_one() -> None:
    with fresh_handler() as own:
        assert set_error_handler(None) is own
        try:
            assert get_error_handler() is not own
        finally:
            set_error_handler(own)
