"""What handling one error costs, beside loguru and the Sentry SDK, on an error with 12 library frames.

Each candidate meets a fresh exception every time (the Sentry SDK and this engine both know one that they have seen),
and writes to a sink that keeps nothing. loguru runs with backtrace and diagnosis off, the Sentry SDK with its defaults.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.rounds import alternate, print_table
from policy_engine import Engine

LIBRARY_FRAMES = 12
ROUNDS, CALLS = 25, 200


class Uncopyable:
    def __deepcopy__(self, memo: dict[int, Any]) -> Uncopyable:
        raise ConnectionResetError(104, "Connection reset by peer")


def an_exception() -> Exception:
    """An exception raised below 12 frames of the standard library's copy.py."""
    nested: Any = Uncopyable()
    # A level of nesting is two frames, deepcopy and _deepcopy_list; the last deepcopy calls the object.
    for _ in range((LIBRARY_FRAMES - 1) // 2):
        nested = [nested]
    try:
        copy.copy(nested)
        copy.deepcopy(nested)
    except ConnectionResetError as error:
        return error
    raise AssertionError("a copy of the uncopyable")


def a_policy(rules: int) -> str:
    """A policy of ``rules`` rules in the shares that people write: by type, by type and words, by words alone."""
    lines = ["schema_version = 1", "[categories.NETWORK]", 'severity = "MEDIUM"', "retryable = true"]
    for number in range(rules - 1):
        lines += ["[[rules]]", f'name = "rule-{number}"', 'category = "NETWORK"']
        if number % 20 < 17:
            lines.append(f'match.exception = "package_{number}.errors.Error{number}"')
        if number % 20 >= 12:
            lines.append(f'match.message.contains = ["failure number {number}"]')
    lines += ["[[rules]]", 'name = "peer-hung-up"', 'match.exception = "ConnectionResetError"', 'category = "NETWORK"']
    return "\n".join(lines) + "\n"


RAISING = "raising the exception (taken off the others)"
OURS = "policy_engine handle, 100 rules"
LOGURU = "loguru, backtrace and diagnosis off"
SENTRY = "the Sentry SDK, defaults"


def main() -> None:
    exceptions = _fresh()
    engine = _engine(100)
    ours = {
        RAISING: lambda: next(exceptions),
        OURS: lambda: engine.handle(next(exceptions), module="bench", function="run"),
    }
    print("one error with 12 library frames")
    _compare({**ours, LOGURU: _loguru(exceptions)}, LOGURU)
    # The Sentry SDK listens to loguru from the moment it starts, so loguru had its turn before.
    _compare({**ours, SENTRY: _sentry(exceptions)}, SENTRY)


def _compare(candidates: dict[str, Callable[[], object]], peer: str) -> None:
    seconds = alternate(candidates, rounds=ROUNDS, calls=CALLS)
    net = {name: seconds[name] - seconds[RAISING] for name in (OURS, peer)}
    print_table(f"  beside {peer}", net, baseline=peer)


def _loguru(exceptions: Iterator[Exception]) -> Callable[[], object]:
    from loguru import logger

    logger.remove()
    logger.add(lambda _: None, backtrace=False, diagnose=False)
    return lambda: logger.opt(exception=next(exceptions)).error("failed")


def _engine(rules: int) -> Engine:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(a_policy(rules), encoding="utf-8")
        return Engine.from_path(path)


def _fresh() -> Iterator[Exception]:
    while True:
        yield an_exception()


def _sentry(exceptions: Iterator[Exception]) -> Callable[[], object]:
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Null(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            """Keep nothing."""

    sentry_sdk.init(dsn="http://public@localhost/1", transport=Null)
    return lambda: sentry_sdk.capture_exception(next(exceptions))


if __name__ == "__main__":
    main()
