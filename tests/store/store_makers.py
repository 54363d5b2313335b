"""Makers for the tests of the store."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from makers import an_info

from policy_engine import VirtualClock
from policy_engine.ids import new_id
from policy_engine.metrics.costs import series_of
from policy_engine.metrics.rollup import Window
from policy_engine.model import ErrorInfo, RecoveryChanged, RecoveryStatus
from policy_engine.store import Store, StoreError, StoreKind, StoreOptions, WaitingBounds
from policy_engine.store.sqlite import MEMORY, SqliteBackend

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z"""
ALWAYS = Window(0.0, 4_000_000_000.0)


class Failing:
    """A database that fails as long as it is told to."""

    def __init__(self, path: str = MEMORY):
        self.real = SqliteBackend(path)
        self.fails = False
        self.batches: list[int] = []

    def write(self, batch, *, durable):
        if self.fails:
            raise StoreError("the disk is full")
        self.batches.append(len(batch.errors))
        self.real.write(batch, durable=durable)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def a_store(
    clock: VirtualClock,
    *,
    path: Path | None = None,
    backend: Any = None,
    bounds: WaitingBounds | None = None,
    faults: list[str] | None = None,
    **options: Any,
) -> Store:
    kind = StoreKind.MEMORY if path is None else StoreKind.SQLITE
    told = [] if faults is None else faults
    return Store(
        StoreOptions(kind=kind, path="" if path is None else str(path), **options),
        bounds=bounds or WaitingBounds(errors=1000, alike=1000, kinds=100, changes=100),
        clock=clock,
        fault=lambda where, error: told.append(str(error)),
        open_backend=lambda given: backend or SqliteBackend(given.path or MEMORY),
    )


def an_id(time: float, number: int = 0) -> str:
    """An id as an engine draws them, and the same for the same number."""
    return new_id(time, Random(number))


def an_error_at(time: float, number: int = 0, **fields: Any) -> ErrorInfo:
    return an_info(id=an_id(time, number), time=time, **fields)


def keep(store: Store, *errors: ErrorInfo) -> None:
    for info in errors:
        store.error_handled(info, series_of(info), info.time)


def count(store: Store) -> int:
    """How many errors the store has counted."""
    return sum(cost.errors for cost in store.reader().costs(ALWAYS, "category", {}).values())


def a_recovery(id_: str, time: float, status: RecoveryStatus, attempt: int = 1) -> RecoveryChanged:
    return RecoveryChanged(
        time=time, recovery_id=id_, strategy="reconnect", status=status, error_id="e", attempt=attempt, steps=()
    )
