"""A disk that is full for real: told, survived, caught up with, and the file is whole."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store.store_makers import NOON, a_store, an_error_at, count, keep

from policy_engine import VirtualClock
from policy_engine.store import WaitingBounds

pytestmark = pytest.mark.prove

BOUNDS = WaitingBounds(errors=100_000, alike=100_000, kinds=10_000, changes=1000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, half of which something else fills."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("only who may mount a disk can fill one")
    (tmp_path / "something else").write_bytes(b"x" * 1_000_000)
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_a_full_disk_loses_nothing_and_harms_nothing(small_disk: Path) -> None:
    path, clock, faults = small_disk / "errors.db", VirtualClock(NOON), []
    store = a_store(clock, path=path, faults=faults, bounds=BOUNDS)
    errors = 0
    while not faults:
        for _ in range(50):
            keep(store, an_error_at(NOON, errors, message="m" * 500, fingerprint=f"f{errors}"))
            errors += 1
        clock.advance(0.3)
    for _ in range(20):
        keep(store, an_error_at(NOON, errors, fingerprint=f"f{errors}"))
        errors += 1
        clock.advance(10.0)
    print(f"\nfull after {errors} errors: {faults[0].rsplit(': ', 1)[1]}; {store.statistics()['waiting']} wait")
    assert set(faults) == {f"{path}: the disk is full"}
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    (small_disk / "something else").unlink()
    clock.advance(60.0)
    assert store.statistics()["waiting"] == 0
    assert count(store) == errors
    assert len(store.reader().kinds([f"f{number}" for number in range(errors)])) == errors
    store.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
