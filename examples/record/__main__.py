"""Record the demo's input anew.

::

    cd examples
    python -m record --out recorded

Takes about half a minute. The same seed gives the same failures in the same order; ports and addresses differ.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from record.recorder import record


def main() -> int:
    """Record, and say where."""
    parser = argparse.ArgumentParser(prog="python -m record", description="Record a service that really fails.")
    parser.add_argument("--out", type=Path, default=Path("recorded"), help="folder for bot.log and bot.jsonl")
    parser.add_argument("--seed", type=int, default=22)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ["NO_PROXY"] = "*"  # every server is on this machine
    asyncio.run(record(arguments.out, seed=arguments.seed))
    print(f"recorded {arguments.out}/bot.log and {arguments.out}/bot.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
