"""A process that is killed while it writes: what it had acknowledged is there, and the file is whole."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from policy_engine.ids import joined
from policy_engine.store.sqlite import SqliteBackend

pytestmark = pytest.mark.prove

KILLS = 200
COMMIT_WITHIN = 0.05
SERVICE = """
import sys, threading
from policy_engine import Engine

engine = Engine.from_path(sys.argv[1])
printing = threading.Lock()

def serve(number):
    while True:
        try:
            raise ConnectionResetError("peer hung up")
        except ConnectionResetError as error:
            info = engine.handle(error, module=f"m{number}")
        with printing:
            sys.stdout.write(f"{info.id} {info.time}\\n")
            sys.stdout.flush()

for number in range(4):
    threading.Thread(target=serve, args=(number,)).start()
"""
POLICY = """
[categories.NETWORK]
severity = "{severity}"
[[rules]]
name = "peer"
match.exception = "ConnectionResetError"
category = "NETWORK"
[bounds]
stored_alike = 1000000
[store]
kind = "sqlite"
path = "{path}"
commit_within = "{within}ms"
durability = {{ CRITICAL = "sync" }}
sync_timeout = "60s"
"""


def killed(policy: Path, after: float) -> list[tuple[str, float]]:
    """Run a service and kill it; returns the ids and times of the errors whose handling had returned."""
    command = [sys.executable, "-c", SERVICE, str(policy)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        first = service.stdout.readline()
        time.sleep(after)  # a real process on a real disk: nothing here is in virtual time
        service.send_signal(signal.SIGKILL)
        lines = [first, *service.stdout.read().splitlines(keepends=True)]
    return [(id_, float(when)) for id_, when in (line.split() for line in lines if line.endswith("\n"))]


def kept(path: Path) -> set[str]:
    """The ids in the file, which is whole."""
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ids = {joined(high, low) for high, low in raw.execute("SELECT high, low FROM errors")}
        (counted,) = raw.execute("SELECT sum(errors) FROM costs WHERE width = 60").fetchone()
    assert counted == len(ids), "an error and its counts are written together or not at all"
    SqliteBackend(str(path)).close()
    return ids


def a_policy(folder: Path, severity: str) -> tuple[Path, Path]:
    policy, path = folder / "policy.toml", folder / "errors.db"
    within = round(COMMIT_WITHIN * 1000)
    policy.write_text(POLICY.format(severity=severity, path=path, within=within), encoding="utf-8")
    return policy, path


def test_nothing_that_was_acknowledged_is_lost_where_durability_is_sync(tmp_path: Path) -> None:
    policy, path = a_policy(tmp_path, "CRITICAL")
    random, acknowledged = Random(1), 0
    for _ in range(KILLS // 2):
        said = killed(policy, random.uniform(0.0, 0.3))
        acknowledged += len(said)
        assert {id_ for id_, _ in said} <= kept(path)
    print(f"\nsync: {KILLS // 2} kills, {acknowledged:,} acknowledged errors, none lost")


def test_at_most_the_last_moment_is_lost_where_durability_is_async(tmp_path: Path) -> None:
    policy, path = a_policy(tmp_path, "LOW")
    random, lost, longest = Random(2), 0, 0.0
    for _ in range(KILLS // 2):
        said = killed(policy, random.uniform(0.0, 0.3))
        end = max(when for _, when in said)
        ids = kept(path)
        missing = [when for id_, when in said if id_ not in ids]
        lost += len(missing)
        longest = max([longest, *(end - when for when in missing)])
    print(f"\nasync: {KILLS // 2} kills, {lost:,} errors lost, none older than {longest * 1000:.0f} ms")
    # What came within `commit_within`, and while the write before it was under way.
    assert longest <= COMMIT_WITHIN + 0.5
