"""A log of five gigabytes takes no more memory to replay than one of a quarter of a gigabyte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

SMALL = 250_000_000
LARGE = 5_000_000_000
_START = datetime(2024, 5, 1, tzinfo=UTC)
_KINDS = 30_000
"""More than a replay keeps apart, so that the small log reaches every bound too."""
_ROUND = 500

QUIET = (
    "{time},{ms:03d} INFO shop.web.access: GET /cart/{n} 200 in {ms} ms, customer c-{n:08d}, 3 rows, trace {n:016x}\n"
)
FAILED = (
    "{time},{ms:03d} ERROR shop.part{kind}: cannot load the cart of customer c-{n:08d}\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/shop/part{kind}.py", line 31, in load\n'
    "    rows = connection.execute(QUERY)\n"
    "sqlite3.OperationalError: database is locked, attempt {n}\n"
)
REFUSED = "{time},{ms:03d} ERROR shop.rates{kind}: rates of c-{n:08d}: connection refused\n"


class Replayed(NamedTuple):
    """What one replay took."""

    lines: int
    errors: int
    seconds: float
    """Of the processor."""
    peak: int
    """Bytes that were resident at most."""

    def __str__(self) -> str:
        return (
            f"{self.lines:,} lines, {self.errors:,} errors: {self.lines / self.seconds:,.0f} lines a second, "
            f"at most {self.peak / 2**20:.1f} MiB resident"
        )


def log(size: int) -> Iterator[bytes]:
    """Blocks of a log of ``size`` bytes, 4 errors among 100 records, of which no two are alike."""
    number = written = 0
    while written < size:
        time = (_START + timedelta(seconds=number // _ROUND)).strftime("%Y-%m-%d %H:%M:%S")
        lines = []
        for n in range(number, number + _ROUND):
            form = FAILED if n % 50 == 7 else REFUSED if n % 50 == 31 else QUIET
            lines.append(form.format(time=time, ms=n % 1000, n=n, kind=n // 50 % _KINDS))
        number += _ROUND
        block = "".join(lines).encode()
        written += len(block)
        yield block


def replay(size: int) -> Replayed:
    command = [sys.executable, "-m", "policy_engine", "replay", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = 0
        for block in log(size):
            lines += block.count(b"\n")
            process.stdin.write(block)
        process.stdin.close()
        first = process.stdout.readline().decode().split()
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    errors, read = int(first[0].replace(",", "")), int(first[3].replace(",", ""))
    assert read == lines
    return Replayed(lines, errors, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


@pytest.mark.prove
def test_a_log_of_five_gigabytes_takes_no_more_memory_than_a_small_one() -> None:
    small = replay(SMALL)
    print(f"{SMALL / 1e9:g} GB: {small}")
    large = replay(LARGE)
    print(f"{LARGE / 1e9:g} GB: {large}")
    assert large.peak < small.peak + 16 * 2**20
