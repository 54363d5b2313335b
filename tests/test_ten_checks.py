"""The ten checks of the error handler that this library grew from: all pass, and so does each line of its usage."""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator

import pytest
from ws_alert.client import WebSocketClient
from ws_alert.pacing import Pacing
from ws_alert.server import AlertServer, Behaviour, alert_text

import policy_engine
from policy_engine import (
    CircuitBreakerConfig,
    CircuitOpenError,
    ComprehensiveErrorHandler,
    DegradedError,
    ErrorInfo,
    Severity,
    configure,
    critical_function,
    emergency_function,
    get_error_handler,
    handle_error,
)
from policy_engine.handler import set_error_handler

SOON = 10.0


class DatabaseError(Exception):
    """A program's own exception, as the original's users have one."""


class OddError(Exception):
    """An exception of no known family."""


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[ComprehensiveErrorHandler]:
    """The module-level handler as a new process has it: configured, nothing counted."""
    before = set_error_handler(None)
    monkeypatch.setenv("NO_PROXY", "*")
    configure()
    fresh = get_error_handler()
    fresh.reset_statistics()
    yield fresh
    set_error_handler(before)


def raised(error: Exception) -> Exception:
    """``error`` as it is after it was raised and caught."""
    try:
        raise error
    except Exception as caught:
        return caught


# The ten


def test_check_1_everything_imports_from_the_library_and_from_the_bot_s_own_module() -> None:
    from ws_alert import error_handler

    for name in error_handler.__all__:
        assert getattr(error_handler, name) is getattr(policy_engine, name)


def test_check_2_an_error_is_handled_and_described(handler: ComprehensiveErrorHandler) -> None:
    info = handle_error(raised(ValueError("bad price")), module="orders", function="parse", context={"order": 7})
    assert (info.exception_type, info.message) == ("ValueError", "bad price")
    assert (info.module, info.function, info.context["order"]) == ("orders", "parse", 7)
    assert json.loads(info.to_json())["id"] == info.id


def test_check_3_a_breaker_opens_after_its_failures_and_refuses(handler: ComprehensiveErrorHandler) -> None:
    breaker = handler.get_circuit_breaker("external_api", CircuitBreakerConfig(failure_threshold=3))

    @breaker
    def call_external_api() -> None:
        raise ConnectionError("down")

    for _ in range(3):
        with pytest.raises(ConnectionError):
            call_external_api()
    assert breaker.state == "OPEN"
    with pytest.raises(CircuitOpenError) as refusal:
        call_external_api()
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 60


def test_check_4_everyday_errors_are_classified(handler: ComprehensiveErrorHandler) -> None:
    network = handle_error(raised(ConnectionRefusedError(111, "Connection refused")))
    database = handle_error(raised(sqlite3.OperationalError("database is locked")))
    unknown = handle_error(raised(OddError("nobody wrote a rule for this")))
    assert (network.category, database.category, unknown.category) == ("NETWORK", "DATABASE", "UNKNOWN")
    assert network.retryable
    assert all(info.severity in Severity for info in (network, database, unknown))


def test_check_5_functions_run_or_not_as_the_level_says(handler: ComprehensiveErrorHandler) -> None:
    @critical_function
    def critical_operation() -> str:
        return "critical"

    @emergency_function
    def emergency_operation() -> str:
        return "emergency"

    assert handler.degradation.current_level == "full"
    for level in ("full", "degraded", "minimal"):
        handler.degradation.set_level(level, "a test")
        assert (critical_operation(), emergency_operation()) == ("critical", "emergency")
    handler.degradation.set_level("emergency", "a test")
    assert emergency_operation() == "emergency"
    with pytest.raises(DegradedError):
        critical_operation()


def test_check_6_statistics_count_and_start_over(handler: ComprehensiveErrorHandler) -> None:
    for number in range(5):
        handle_error(raised(ConnectionResetError(104, f"reset {number}")))
    statistics = handler.get_error_statistics()
    assert statistics["total_errors"] == 5
    assert statistics["by_category"] == {"NETWORK": 5}
    assert sum(statistics["by_severity"].values()) == 5
    json.dumps(statistics)
    handler.reset_statistics()
    assert handler.get_error_statistics()["total_errors"] == 0


def test_check_7_a_registered_recovery_runs_off_the_calling_thread(handler: ComprehensiveErrorHandler) -> None:
    ran = threading.Event()
    seen: list[tuple[str, int]] = []

    def database_recovery(error_info: ErrorInfo) -> bool:
        seen.append((error_info.exception_type, threading.get_ident()))
        ran.set()
        return True

    handler.recovery_manager.register_strategy(DatabaseError, database_recovery)
    info = handle_error(raised(DatabaseError("gone away")))
    assert info.recovery_id
    assert ran.wait(SOON)
    [(kind, thread)] = seen
    assert kind == "DatabaseError"
    assert thread != threading.get_ident()


def test_check_8_callbacks_hear_every_error_and_one_that_fails_disturbs_no_other(
    handler: ComprehensiveErrorHandler,
) -> None:
    heard: list[ErrorInfo] = []

    def broken(_info: ErrorInfo) -> None:
        raise RuntimeError("a callback's own mistake")

    handler.register_callback(broken)
    handler.register_callback(heard.append)
    first = handle_error(raised(ValueError("one")))
    second = handle_error(raised(ValueError("two")))
    assert heard == [first, second]


@pytest.mark.parametrize("errors", [50, 500])
def test_check_9_concurrent_errors_are_counted_exactly(handler: ComprehensiveErrorHandler, errors: int) -> None:
    together = threading.Barrier(50)
    heard: list[ErrorInfo] = []
    handler.register_callback(heard.append)

    def fail() -> None:
        together.wait(SOON)
        for number in range(errors // 50):
            handle_error(raised(TimeoutError(f"timed out {number}")), module="load", function="fail")

    threads = [threading.Thread(target=fail) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    statistics = handler.get_error_statistics()
    assert statistics["total_errors"] == errors
    assert sum(statistics["by_category"].values()) == errors
    assert sum(statistics["by_severity"].values()) == errors
    assert len({info.id for info in heard}) == errors


def test_check_10_the_real_client_survives_a_real_server_that_drops_it(handler: ComprehensiveErrorHandler) -> None:
    titles: list[str] = []

    async def scenario() -> WebSocketClient:
        three = asyncio.Event()
        async with AlertServer(Behaviour(send=(alert_text(1, title="cpu"), "no json"), drop=True)) as server:
            client = WebSocketClient(server.uri, pacing=Pacing(initial=0.001, maximum=0.001))

            @client.on_alert
            def note(alert: object) -> None:
                titles.append(getattr(alert, "title", ""))
                if len(titles) == 3:
                    three.set()

            task = asyncio.create_task(client.run())
            await asyncio.wait_for(three.wait(), SOON)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return client

    client = asyncio.run(scenario())
    assert titles == ["cpu"] * 3
    assert client.counts["connected"] == 3
    handled = handler.get_error_statistics()
    assert handled["total_errors"] >= 4  # two drops and two bad messages before the third alert
    assert handled["by_category"]["WEBSOCKET"] >= 2


# The usage that the issue shows, line by line


def test_handling_an_error_takes_module_and_function_by_name(handler: ComprehensiveErrorHandler) -> None:
    e = raised(ConnectionError("closed"))
    info = handle_error(e, module="WebSocketClient", function="connect")
    assert (info.module, info.function) == ("WebSocketClient", "connect")


def test_handling_an_error_takes_everything_by_name(handler: ComprehensiveErrorHandler) -> None:
    e = raised(ValueError("risky"))
    info = handle_error(
        exception=e,
        module="my_module",
        function="risky_operation",
        context={"user_id": "12345", "request_id": "req_123"},
    )
    assert info.context["request_id"] == "req_123"


def test_a_breaker_is_made_with_its_settings_and_decorates(handler: ComprehensiveErrorHandler) -> None:
    breaker = handler.get_circuit_breaker(
        "external_api", CircuitBreakerConfig(failure_threshold=3, recovery_timeout=30.0)
    )

    @breaker
    def call_external_api() -> str:
        return "answer"

    assert call_external_api() == "answer"
    assert call_external_api.__name__ == "call_external_api"
    assert handler.get_circuit_breaker("external_api") is breaker


def test_breaker_settings_have_the_original_s_names_and_values() -> None:
    config = CircuitBreakerConfig(failure_threshold=5, recovery_timeout=60.0, success_threshold=3, timeout=30.0)
    assert config == CircuitBreakerConfig()


def test_a_recovery_is_registered_for_an_exception_type(handler: ComprehensiveErrorHandler) -> None:
    recovered = threading.Event()

    def database_recovery(error_info: ErrorInfo) -> bool:
        recovered.set()
        return True

    handler.recovery_manager.register_strategy(DatabaseError, database_recovery)
    handle_error(raised(DatabaseError("gone away")))
    assert recovered.wait(SOON)


@pytest.mark.parametrize("decorate", [critical_function, emergency_function])
def test_decorators_take_coroutine_functions_too(
    handler: ComprehensiveErrorHandler, decorate: Callable[..., Callable[..., object]]
) -> None:
    async def operation(number: int) -> int:
        await asyncio.sleep(0)
        return number + 1

    decorated = decorate(operation)
    assert asyncio.iscoroutinefunction(decorated)
    assert asyncio.run(decorated(1)) == 2  # type: ignore[arg-type]
