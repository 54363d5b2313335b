"""What recovery adds to the handling of an error that no strategy matches.

The same policy without a strategy and with many, each asking for another category, a severity, a type, or a word in the
message. Each error is a fresh exception: one that is handled again costs less.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rounds import alternate, print_table
from policy_engine import Engine

ROUNDS, CALLS = 51, 500
BASE = """
[categories.NETWORK]
[categories.DATABASE]
[[rules]]
name = "peer-hung-up"
match.exception = "ConnectionResetError"
category = "NETWORK"
"""
MATCHES = (
    'category = "DATABASE"',
    'severity = "CRITICAL"',
    'exception = "sqlite3.OperationalError"',
    'category = "DATABASE", message.contains = "gone away"',
)
NONE, FEW, MANY = "no strategies", "4 strategies, none matches", "100 strategies, none matches"


def strategies(count: int) -> str:
    """The tables of ``count`` strategies."""
    return "".join(
        f'[[recovery.strategies]]\nname = "s{number}"\nmatch = {{ {MATCHES[number % len(MATCHES)]} }}\n'
        'steps = [{ action = "wait", for = "1s" }]\n'
        for number in range(count)
    )


def errors() -> Iterator[ConnectionResetError]:
    """Exceptions that were raised, one after the other."""
    while True:
        try:
            raise ConnectionResetError(104, "Connection reset by peer")
        except ConnectionResetError as error:
            yield error


def main() -> None:
    """Print what one error costs with and without strategies."""
    fresh = errors()
    engines = {NONE: an_engine(0), FEW: an_engine(4), MANY: an_engine(100)}
    candidates = {
        name: lambda engine=engine: engine.handle(next(fresh), module="bench", function="run")
        for name, engine in engines.items()
    }
    print_table("one error", alternate(candidates, rounds=ROUNDS, calls=CALLS), baseline=NONE)


def an_engine(count: int) -> Engine:
    """An engine whose policy has so many strategies."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(BASE + strategies(count), encoding="utf-8")
        return Engine.from_path(path)


if __name__ == "__main__":
    main()
