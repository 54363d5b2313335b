"""What a service pays at its start: importing the package, and the first handled error, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

RUNS = 11
PROGRAM = """
from time import perf_counter
started = perf_counter()
import policy_engine
imported = perf_counter()
policy_engine.handle_error(ValueError("first"), module="m", function="f")
handled = perf_counter()
print(imported - started, handled - imported)
"""


def main() -> None:
    rows = [_run() for _ in range(RUNS + 1)][1:]
    columns = {"import policy_engine": [row[0] for row in rows], "the first handle after it": [row[1] for row in rows]}
    for name, values in columns.items():
        print(f"  {name:<28} {median(values) * 1e3:7.1f} ms   ({min(values) * 1e3:.1f} to {max(values) * 1e3:.1f})")


def _run() -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    imported, handled = map(float, done.stdout.split())
    return imported, handled


if __name__ == "__main__":
    main()
