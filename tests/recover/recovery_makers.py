"""Small makers for the tests of recovery: errors, actions that note their calls, and a manager on a virtual clock."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from policy_engine.clock import VirtualClock
from policy_engine.model import ErrorInfo, Event, Occurrence, RecoveryChanged, Severity
from policy_engine.recover import Action, ActionContext, Plan, RecoveryManager, compile_recovery

CONNECTION_ERROR = ("ConnectionError", "OSError", "Exception", "BaseException", "object")


def an_error(**fields: Any) -> Occurrence:
    """An occurrence of a ConnectionError in the category DATABASE, or with other fields."""
    given = {"type": "ConnectionError", "mro": CONNECTION_ERROR, "message": "no route", "time": 0.0, "id": "e1"}
    return Occurrence(**{**given, "category": "DATABASE", "severity": Severity.HIGH, **fields})


def an_info(occurrence: Occurrence) -> ErrorInfo:
    """The occurrence sealed, as the engine would."""
    return ErrorInfo(
        id=occurrence.id,
        time=occurrence.time,
        exception_type=occurrence.type,
        exception_module="",
        mro=occurrence.mro,
        message=occurrence.message,
        attributes={},
        causes=(),
        stack=(),
        module="",
        function="",
        context=occurrence.context,
        fingerprint="f",
        category=occurrence.category,
        severity=occurrence.severity,
        retryable=False,
        tags=(),
        rule=None,
        level="full",
        recovery_status=None,
        recovery_id=None,
        handling_seconds=0.0,
    )


class Actions:
    """Named actions: each notes its calls, and answers what its function says."""

    def __init__(self, **functions: Callable[[ActionContext], Any]) -> None:
        self.calls: list[str] = []
        self.contexts: list[ActionContext] = []
        self.by_name = {name: Action(name, self._noting(name, function)) for name, function in functions.items()}

    def _noting(self, name: str, function: Callable[[ActionContext], Any]) -> Callable[[ActionContext], Any]:
        def run(context: ActionContext) -> Any:
            self.calls.append(name)
            self.contexts.append(context)
            return function(context)

        return run


class NoPorts:
    """Ports that no action of these tests reaches for."""


class Recoveries:
    """A `RecoveryManager` on a virtual clock, and what it published."""

    def __init__(self, strategies: list[Mapping[str, Any]], actions: Actions, **options: Any) -> None:
        section = {"strategies": strategies, **options.pop("section", {})}
        self.clock = options.pop("clock", None) or VirtualClock()
        self.events: list[Event] = []
        self.faults: list[str] = []
        self.manager = RecoveryManager(
            compile_recovery(section, actions.by_name),
            clock=self.clock,
            random=Random(7),
            ports=NoPorts(),
            publish=self.events.append,
            fault=lambda where, error: self.faults.append(where),
            **options,
        )

    def meet(self, occurrence: Occurrence | None = None) -> Plan | None:
        """Plan and start, as the engine does for each error."""
        occurrence = occurrence or an_error()
        plan = self.manager.plan(occurrence)
        if plan is not None:
            self.manager.start(plan, an_info(occurrence))
        return plan

    @property
    def statuses(self) -> list[str]:
        return [event.status.value for event in self.events if isinstance(event, RecoveryChanged)]
