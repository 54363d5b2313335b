"""What a storm of errors costs those who call, with a store whose every write takes 200 ms, and with the store off.

Both run in turn in one process: 100,000 errors in 10 threads, as fast as they can. The 99th percentile of threads that
all want the interpreter's lock is mostly how long they wait for each other; so the same again with threads that pause
between errors, as those of a service do.
"""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, NamedTuple

from policy_engine import Engine, bookkeeping, load_policy
from policy_engine.store import Backend, StoreOptions

THREADS = 10
ERRORS = 100_000
KINDS = 100
ROUNDS = 9
WRITE_TAKES = 0.2
PAUSED_ERRORS = 3_000
PAUSE = 0.01

POLICY = """
[categories.NETWORK]
severity = "MEDIUM"
[[rules]]
name = "peer-hung-up"
match.exception = "ConnectionResetError"
category = "NETWORK"
"""
STORE = """
[store]
kind = "sqlite"
path = "{path}"
"""


class Slow:
    """A database whose writes take longer."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def write(self, *args: Any, **options: Any) -> None:
        sleep(WRITE_TAKES)
        self._backend.write(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


class Quantiles(NamedTuple):
    """Of one round, in seconds."""

    p50: float
    p99: float


def main() -> None:
    open_backend = bookkeeping.open_backend
    bookkeeping.open_backend = lambda options: _slow(open_backend, options)
    try:
        _compare("as fast as they can", ERRORS, pause=0.0)
        _compare(f"with a pause of {PAUSE * 1000:g} ms between errors", PAUSED_ERRORS, pause=PAUSE)
    finally:
        bookkeeping.open_backend = open_backend
    print(f"  peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _slow(open_backend: Callable[[StoreOptions], Backend], options: StoreOptions) -> Any:
    return Slow(open_backend(options))


def _compare(how: str, errors: int, *, pause: float) -> None:
    found: dict[str, list[Quantiles]] = {"off": [], "on": []}
    for _ in range(ROUNDS):
        for name, rounds in found.items():
            rounds.append(_round(errors, pause=pause, store=name == "on"))
    print(f"{errors:,} errors in {THREADS} threads, {how}; each write takes {WRITE_TAKES * 1000:g} ms more")
    for name, rounds in found.items():
        print(f"  store {name:<4} p50 {_median(rounds, 'p50'):9.1f} us   p99 {_median(rounds, 'p99'):9.1f} us")
    for share in Quantiles._fields:
        ratio = _median(found["on"], share) / _median(found["off"], share)
        each = [getattr(on, share) / getattr(off, share) for off, on in zip(found["off"], found["on"], strict=True)]
        print(f"  {share} with the store {ratio:.3f} x that without (rounds {min(each):.3f} to {max(each):.3f})")


def _median(rounds: list[Quantiles], share: str) -> float:
    return float(median(getattr(each, share) for each in rounds)) * 1e6


def _round(errors: int, *, pause: float, store: bool) -> Quantiles:
    with TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.toml"
        policy.write_text(POLICY + (STORE.format(path=Path(folder) / "errors.db") if store else ""), encoding="utf-8")
        engine = Engine(load_policy(policy))
        took: list[list[float]] = [[] for _ in range(THREADS)]
        threads = [
            threading.Thread(target=_fail, args=(engine, number, errors // THREADS, pause, took[number]))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if engine.store is not None:
            _check(engine, errors)
            engine.store.close()
    cuts = quantiles([each for times in took for each in times], n=100)
    return Quantiles(cuts[49], cuts[98])


def _fail(engine: Engine, number: int, errors: int, pause: float, took: list[float]) -> None:
    for each in range(errors):
        try:
            raise ConnectionResetError("peer hung up")
        except ConnectionResetError as error:
            started = perf_counter()
            engine.handle(error, module=f"part{(number + each) % KINDS}")
            took.append(perf_counter() - started)
        if pause:
            sleep(pause)


def _check(engine: Engine, errors: int) -> None:
    """Every error is counted, and every kind has one that stands for it."""
    assert engine.store is not None
    while not engine.store.flush():
        pass
    found = engine.statistics(since="1h", by="fingerprint")
    kinds = engine.store.reader().kinds([group["fingerprint"] for group in found["groups"]])
    if found["errors"] != errors or sum(kind.errors for kind in kinds.values()) != errors:
        raise AssertionError(f"{errors} errors happened, {found['errors']} are counted")
    if any(kind.example["message"] != "peer hung up" for kind in kinds.values()):
        raise AssertionError("a kind has no example")
