"""Reloads while threads handle errors and make calls: each of these sees one policy, whole, and none is lost."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from makers import a_policy

from policy_engine import Engine, ErrorInfo, SystemClock
from policy_engine.model import AlertSent, Event, ShadowDecision

THREADS = 8
TURNS = 150
ATTEMPTS = {"a": 2, "b": 3}


def policy_text(letter: str) -> str:
    """A policy in which everything that can be decided carries its letter."""
    return f"""
[bounds]
history = 10000
queue = 10000

[categories.NETWORK_{letter.upper()}]
retryable = true

[[rules]]
name = "{letter}"
match.exception = "ConnectionError"
category = "NETWORK_{letter.upper()}"
severity = "LOW"
tags = ["{letter}"]

[[severity.adjust]]
name = "{letter}"
match = {{ tags = "{letter}" }}
raise_to = "{"HIGH" if letter == "a" else "CRITICAL"}"

[breakers.api]
failure_threshold = 1000000

[calls.api]
breaker = "api"
retry = {{ attempts = {ATTEMPTS[letter]}, backoff = {{ kind = "constant", initial = "0s", jitter = "none" }} }}
fallback = {{ value = "{letter}" }}

[[recovery.strategies]]
name = "{letter}"
match = {{ tags = "{letter}" }}
steps = [{{ action = "wait", for = "0s" }}]

[[recovery.strategies]]
name = "watched-{letter}"
enforce = false
match = {{ tags = "{letter}" }}
steps = [{{ action = "wait", for = "0s" }}]

[alerts.channels.{letter}]
kind = "log"
logger = "test_reload_under_traffic"

[[alerts.routes]]
name = "{letter}"
match = {{ tags = "{letter}" }}
channel = "{letter}"
text = "{letter}"
"""


@dataclass
class Traffic:
    """What threads did to an engine, and what they saw."""

    engine: Engine
    handled: list[ErrorInfo] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)

    def mixes(self) -> list[str]:
        """Everything that was decided by parts of two policies."""
        return [*self._errors(), *self._calls(), *self._events()]

    def _errors(self) -> Iterator[str]:
        whole = {("NETWORK_A", "HIGH", "a", ("a",)), ("NETWORK_B", "CRITICAL", "b", ("b",))}
        for info in self.handled:
            if (seen := (info.category, info.severity.value, info.rule, info.tags)) not in whole:
                yield f"error {seen}"
            recovery = self.engine.recovery(info.recovery_id or "")
            if recovery is not None and recovery.strategy != info.rule:
                yield f"error of {info.rule} with the recovery {recovery.strategy}"

    def _calls(self) -> Iterator[str]:
        yield from (f"call {value} {attempts}" for value, attempts in self.calls if ATTEMPTS[value] != attempts)

    def _events(self) -> Iterator[str]:
        for event in self.events:
            if isinstance(event, AlertSent) and event.info is not None:
                if {event.route, event.channel, event.text} != {event.info.rule}:
                    yield f"alert {event.route} {event.channel} {event.text} of {event.info.rule}"
            elif isinstance(event, ShadowDecision) and event.info is not None and event.name[-1:] != event.info.rule:
                yield f"watched {event.name} of {event.info.rule}"


def run(engine: Engine, change: threading.Thread) -> Traffic:
    """Handle errors and make calls in many threads while ``change`` runs."""
    traffic = Traffic(engine)
    engine.subscribe(traffic.events.append)
    protection = engine.protect("api")
    start = threading.Barrier(THREADS)

    def work() -> None:
        start.wait()
        try:
            for _ in range(TURNS):
                traffic.handled.append(engine.handle(ConnectionError("down")))
                attempts: list[None] = []
                traffic.calls.append((str(protection.call(fails, attempts)), len(attempts)))
        except BaseException as error:
            traffic.failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    change.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return traffic


def fails(attempts: list[None]) -> str:
    attempts.append(None)
    raise ConnectionError("down")


@pytest.fixture
def _often_switched() -> Iterator[None]:
    """Let threads take turns in the middle of everything."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    logging.getLogger("test_reload_under_traffic").disabled = True
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_often_switched")
def test_no_error_and_no_call_sees_two_policies_and_none_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(policy_text("a"))
    clock = SystemClock(queue=10_000)
    engine = Engine.from_path(file, clock=clock)
    done = threading.Event()
    reloads: list[bool] = []

    def reload_every_ten_milliseconds() -> None:
        while not done.wait(0.01):
            written = tmp_path / "written"
            letter = "ba"[len(reloads) % 2]
            written.write_text(policy_text(letter))
            written.replace(file)
            reloads.append(engine.reload().current)

    reloading = threading.Thread(target=reload_every_ten_milliseconds)
    traffic = run(engine, reloading)
    done.set()
    reloading.join()

    assert traffic.failed == []
    assert traffic.mixes() == []
    assert {value for value, _ in traffic.calls} == {"a", "b"}, "the test proves nothing where no reload came between"
    assert all(reloads)
    statistics = engine.statistics()
    assert statistics["total_errors"] == THREADS * TURNS
    # Every route matches its own policy's errors: one that was asked about another's would have sent nothing.
    assert clock.drain(30)
    assert sum(isinstance(event, AlertSent) for event in traffic.events) == THREADS * TURNS
    assert (statistics["breakers"]["api"]["calls"], statistics["engine_faults"]) == (THREADS * TURNS, 0)


@pytest.mark.usefixtures("_often_switched")
def test_a_swap_in_two_steps_would_be_seen() -> None:
    engine = Engine(a_policy(policy_text("a")))
    other = a_policy(policy_text("b"))
    stop = threading.Event()

    def swap_part_by_part() -> None:
        policy = engine.policy
        names = ("classifier", "adjustments", "alerts", "recovery")
        halves = [{name: getattr(each, name) for name in names} for each in (other, policy)]
        while not stop.is_set():
            for half in halves:
                for name, value in half.items():
                    object.__setattr__(policy, name, value)

    swapping = threading.Thread(target=swap_part_by_part)
    traffic = run(engine, swapping)
    stop.set()
    swapping.join()
    assert traffic.mixes() != []
