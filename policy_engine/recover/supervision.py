"""The limits of recovery: how many within a period, one at a time for a target, so many at once over all.

The period's limit is OTP's restart intensity (Erlang/OTP Design Principles, "Supervisor Behaviour"): past it, this
strategy stops trying. Knows no threads and no clock: callers bring ``now`` (seconds, monotonic) and hold their lock.
A slot that a hung action holds stays taken until the action returns, so hung actions can never eat all workers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from policy_engine.recover.options import Strategy

Target = tuple[str, str]
"""A context key and its value, as text."""

_OTHERS: Target = ("", "other targets")


class Refusal(StrEnum):
    """Why an error starts no recovery of its own."""

    TARGET = "target"
    """The target is in recovery already."""
    COOLDOWN = "cooldown"
    """The strategy ended for this target a moment ago."""
    INTENSITY = "intensity"
    """The strategy has run as often as it may within the period."""
    RECURSION = "recursion"
    """The error comes out of a recovery."""
    FULL = "full"
    """Too many recoveries wait already, or hung actions hold all slots."""


@dataclass(slots=True)
class _Record:
    """What a strategy did for one target, and until when that matters."""

    starts: deque[float] = field(default_factory=deque)
    cool_until: float = float("-inf")
    matters_until: float = float("-inf")
    escalated: bool = False


class Supervision:
    """Admits recoveries, and tells which of those that wait may start."""

    def __init__(self, *, concurrency: int, max_waiting: int, max_targets: int) -> None:
        self.concurrency = concurrency
        self._max_waiting = max_waiting
        self._max_targets = max_targets
        self._in_recovery: dict[Target, str] = {}
        self._records: dict[tuple[str, Target], _Record] = {}
        self._forget_again_at = float("-inf")
        self._waiting: deque[str] = deque()
        self._active: set[str] = set()
        self.hung = 0
        """Actions that overran their time and have not returned."""

    def anew(self) -> Supervision:
        """Return one with the same limits, to which nothing happened."""
        return Supervision(
            concurrency=self.concurrency, max_waiting=self._max_waiting, max_targets=self._max_targets
        )

    @property
    def workers_lost(self) -> bool:
        """Whether hung actions hold as many workers as recoveries may take."""
        return self.hung >= self.concurrency

    def under_way(self, target: Target) -> str | None:
        """Id of the recovery that is at work on ``target``."""
        return self._in_recovery.get(target)

    def bounded(self, strategy: Strategy, target: Target, now: float) -> Target:
        """``target``, or the one that stands for all others once too many targets are known."""
        if (strategy.name, target) in self._records or self._has_room(now):
            return target
        return _OTHERS

    def refusal(self, strategy: Strategy, target: Target, now: float) -> Refusal | None:
        """Why ``strategy`` may not start for ``target`` now."""
        if target in self._in_recovery:
            return Refusal.TARGET
        record = self._records.get((strategy.name, target))
        if record is not None and now < record.cool_until:
            return Refusal.COOLDOWN
        if record is not None and _used_up(strategy, record, now):
            return Refusal.INTENSITY
        if len(self._waiting) >= self._max_waiting or self.workers_lost:
            return Refusal.FULL
        return None

    def escalates(self, strategy: Strategy, target: Target) -> bool:
        """Whether this refusal is the first since the strategy's intensity was used up: true once."""
        record = self._records[strategy.name, target]
        first, record.escalated = not record.escalated, True
        return first

    def admit(self, recovery_id: str, strategy: Strategy, target: Target, now: float) -> None:
        """Take the target and count the start; `release` gives the target back."""
        self._in_recovery[target] = recovery_id
        record = self._records.setdefault((strategy.name, target), _Record())
        record.escalated = False
        if strategy.intensity is not None:
            record.starts.append(now)
            record.matters_until = now + strategy.intensity.within

    def release(self, strategy: Strategy, target: Target, now: float) -> None:
        """Give the target back and begin the cooldown: the recovery ended."""
        self._in_recovery.pop(target, None)
        record = self._records.get((strategy.name, target))
        if record is not None and strategy.cooldown > 0.0:
            record.cool_until = now + strategy.cooldown
            record.matters_until = max(record.matters_until, record.cool_until)

    def enqueue(self, recovery_id: str) -> None:
        """Let a recovery wait for its turn."""
        self._waiting.append(recovery_id)

    def next_turn(self) -> str | None:
        """Id of the next recovery whose turn has come; `end_turn` or `put_back` follows."""
        if not self._waiting or len(self._active) + self.hung >= self.concurrency:
            return None
        recovery_id = self._waiting.popleft()
        self._active.add(recovery_id)
        return recovery_id

    def put_back(self, recovery_id: str) -> None:
        """Make it the next again: there was no worker for it."""
        self._active.discard(recovery_id)
        self._waiting.appendleft(recovery_id)

    def end_turn(self, recovery_id: str) -> None:
        """Make room for another: a recovery ended."""
        self._active.discard(recovery_id)

    def keep_only(self, names: set[str]) -> None:
        """Forget what strategies did that are no more."""
        self._records = {key: record for key, record in self._records.items() if key[0] in names}

    def _has_room(self, now: float) -> bool:
        if len(self._records) >= self._max_targets and now >= self._forget_again_at:
            # A storm of new targets must not pay for this walk with every error.
            self._forget_again_at = now + 1.0
            self._records = {
                key: record
                for key, record in self._records.items()
                if now < record.matters_until or key[1] in self._in_recovery
            }
        return len(self._records) < self._max_targets


def _used_up(strategy: Strategy, record: _Record, now: float) -> bool:
    if strategy.intensity is None:
        return False
    while record.starts and record.starts[0] <= now - strategy.intensity.within:
        record.starts.popleft()
    return len(record.starts) >= strategy.intensity.at_most
