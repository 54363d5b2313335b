"""The face of a whole service's error handling: one engine, found from everywhere.

`configure` reloads that engine in place, so breakers, decorators and callbacks handed out before it follow. What the
original error handler offered keeps its names here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from policy_engine.classify import ErrorClassifier
from policy_engine.compile import load_policy_layers
from policy_engine.degrade import FunctionDecorators, GracefulDegradation
from policy_engine.engine import Engine
from policy_engine.errors import PolicyError
from policy_engine.events import require_plain_function
from policy_engine.forks import ForkSafeLock
from policy_engine.model import ErrorHandled, ErrorInfo, Event
from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig
from policy_engine.recover import RecoveryManager

Callback = Callable[[ErrorInfo], object]


class ComprehensiveErrorHandler:
    """One engine with the calls that a service's code makes. Everything else is reached through ``.engine``."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Wrap ``engine``, or one that runs the shipped policy."""
        self.engine = Engine() if engine is None else engine

    @property
    def classifier(self) -> ErrorClassifier:
        """Of the policy that is active now."""
        return self.engine.policy.classifier

    @property
    def degradation(self) -> GracefulDegradation:
        """The service's level: ``.current_level``, ``.set_level(level, reason)``, ``.history``."""
        return self.engine.degradation

    @property
    def recovery_manager(self) -> RecoveryManager:
        """Recoveries: ``.register_strategy(ExceptionType, function)``, ``.active``, ``.history``."""
        return self.engine.recovery_manager

    def handle_error(
        self,
        exception: BaseException,
        module: str = "",
        function: str = "",
        context: Mapping[str, object] | None = None,
        *,
        wait: bool = False,
    ) -> ErrorInfo:
        """Classify, count and report an error, and start what the policy says.

        Never raises an ordinary exception, and never blocks, unless ``wait`` asks for the end of its recovery.
        """
        return self.engine.handle(exception, module=module, function=function, context=context, wait=wait)

    def get_circuit_breaker(self, name: str, config: CircuitBreakerConfig | None = None) -> CircuitBreaker:
        """Return the circuit breaker ``name``, the same at every call. The policy's entry wins over ``config``."""
        return self.engine.breaker(name, config)

    def register_callback(self, callback: Callback) -> Callable[[], None]:
        """Call ``callback`` with every handled error, on the thread that handled it; the result ends that.

        Raises:
            TypeError: it cannot be called, or is asynchronous and would never run.
        """
        require_plain_function(callback)

        def on_event(event: Event) -> None:
            if isinstance(event, ErrorHandled):
                callback(event.info)

        return self.engine.subscribe(on_event)

    def get_error_statistics(self) -> dict[str, Any]:
        """Return all counts as plain JSON-ready data."""
        return self.engine.statistics()

    def reset_statistics(self) -> None:
        """Set all counts to zero; levels, breakers and recoveries stay as they are."""
        self.engine.reset_statistics()


_lock = ForkSafeLock()
_handler: ComprehensiveErrorHandler | None = None


def get_error_handler() -> ComprehensiveErrorHandler:
    """Return the service's error handler; the first call makes it, with the shipped policy.

    Raises:
        PolicyError: the shipped policy does not load.
    """
    global _handler
    if _handler is None:
        with _lock:
            if _handler is None:
                _handler = ComprehensiveErrorHandler()
    return _handler


def set_error_handler(handler: ComprehensiveErrorHandler | None) -> ComprehensiveErrorHandler | None:
    """Replace the service's error handler, as tests do, and return the one before; ``None``: the next use makes one.

    Decorated functions follow: their next call finds the engine that is live then.
    """
    global _handler
    with _lock:
        before, _handler = _handler, handler
    if before is not None and before is not handler:
        before.engine.degradation.close()
    return before


def configure(*paths: str | Path) -> ComprehensiveErrorHandler:
    """Let the service's error handler run the policy in ``paths``, each a layer over those before it.

    Without one, it runs the shipped policy.

    An engine that runs already is reloaded in place: breakers and decorators already handed out follow.

    Raises:
        PolicyError: something in the policy is wrong; the one that was active stays.
    """
    global _handler
    try:
        policy = load_policy_layers(paths)
    except PolicyError as refused:
        if _handler is not None:
            _handler.engine.refuse(refused.diagnostics)
        raise
    with _lock:
        if _handler is None:
            _handler = ComprehensiveErrorHandler(Engine(policy))
            return _handler
    _handler.engine.adopt(policy)
    return _handler


def handle_error(
    exception: BaseException,
    module: str = "",
    function: str = "",
    context: Mapping[str, object] | None = None,
    *,
    wait: bool = False,
) -> ErrorInfo:
    """Hand an error to the service's error handler; see `ComprehensiveErrorHandler.handle_error`."""
    return get_error_handler().engine.handle(exception, module=module, function=function, context=context, wait=wait)


_decorators = FunctionDecorators(lambda: get_error_handler().engine)
critical_function = _decorators.critical_function
emergency_function = _decorators.emergency_function
degradable = _decorators.degradable
