"""Enrichers: functions that add to the context of an error, once it is scrubbed and before a rule sees it.

Knows no plugins and no scrubber: callers bring the error, and scrub what is added as any context. They run on the
failing thread, for the rules wait for them; none runs for an error that comes out of one. One that raises, or keeps the
exception that it was shown, is a fault of the engine and spoils nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from policy_engine.model import ErrorInfo

EXCEPTION = "exception"
"""The need of an enricher that is shown the exception itself."""

_enriching: ContextVar[bool] = ContextVar("policy_engine_enriching", default=False)


class Enriches(Protocol):
    """What adds to a context, as a plugin brings it."""

    @property
    def name(self) -> str:
        """What it is called in faults."""

    @property
    def enrich(self) -> Callable[..., Mapping[str, object] | None]:
        """Is given the error, and the exception where it needs that; returns what to add."""

    @property
    def needs(self) -> tuple[str, ...]:
        """``("exception",)`` or nothing."""


class ExceptionKeptError(Exception):
    """An enricher still refers to the exception, and so to the frames of the code that failed."""


def additions(
    enrichers: Iterable[Enriches],
    info: ErrorInfo,
    exception: BaseException,
    fault: Callable[[str, BaseException], None],
) -> dict[str, Any]:
    """Return what all enrichers add, not scrubbed yet; what an earlier one said stays."""
    if _enriching.get():
        return {}
    found: dict[str, Any] = {}
    token = _enriching.set(True)
    try:
        for each in enrichers:
            for key, value in _added(each, info, exception, fault).items():
                found.setdefault(str(key), value)
    finally:
        _enriching.reset(token)
    return found


def _added(
    enricher: Enriches, info: ErrorInfo, exception: BaseException, fault: Callable[[str, BaseException], None]
) -> Mapping[str, object]:
    where = f'the enricher "{enricher.name}"'
    try:
        added = _shown(enricher, info, exception) if EXCEPTION in enricher.needs else enricher.enrich(info)
        if added is None:
            return {}
        if isinstance(added, Mapping):
            return dict(added)
        raise TypeError(f"it gave a {type(added).__name__}, not a mapping")  # noqa: TRY301  reported as its own errors are
    except Exception as error:  # noqa: BLE001  whatever a plugin does, the error being handled goes on
        fault(where, error)
        return {}


def _shown(enricher: Enriches, info: ErrorInfo, exception: BaseException) -> Mapping[str, object] | None:
    before = sys.getrefcount(exception)
    added = enricher.enrich(info, exception)
    if sys.getrefcount(exception) > before:
        raise ExceptionKeptError("it keeps the exception that it was shown: take what is needed out of it")
    return added
