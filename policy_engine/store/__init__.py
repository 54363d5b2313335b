"""The store: what an engine handled, kept over restarts and asked by windows of time."""

from policy_engine.store.backend import WIDTHS, Backend, Reader, StoredError, StoredKind, StoredRecovery, StoreError
from policy_engine.store.batch import Change, RecoveryRow, WaitingBounds
from policy_engine.store.options import StoreKind, StoreOptions, compile_store
from policy_engine.store.store import Store

__all__ = [
    "WIDTHS",
    "Backend",
    "Change",
    "Reader",
    "RecoveryRow",
    "Store",
    "StoreError",
    "StoreKind",
    "StoreOptions",
    "StoredError",
    "StoredKind",
    "StoredRecovery",
    "WaitingBounds",
    "compile_store",
]
