"""Whether a failed call is tried again, and when. Knows no clock and never sleeps: callers bring ``now`` and wait."""

from __future__ import annotations

from random import Random

from policy_engine.protect.retry.options import RetryOptions


class Attempts:
    """The attempts of one call, made when its first one has failed."""

    __slots__ = ("_made", "_options", "_previous", "_random")

    def __init__(self, options: RetryOptions, random: Random) -> None:
        self._options = options
        self._random = random
        self._made = 1
        self._previous: float | None = None

    def next_delay(self, now: float, until: float, asked: float | None) -> float | None:
        """Seconds until the next attempt; ``None`` where there is none, or it would not begin before ``until``.

        ``asked`` is how long the other side wants to be left alone.
        """
        options = self._options
        if self._made >= options.attempts:
            return None
        delay = options.backoff.delay(self._made, self._random, previous=self._previous)
        if asked is not None:
            if asked > options.longest_retry_after:
                return None
            delay = max(delay, asked)
        if now + delay >= until:
            return None
        self._made += 1
        self._previous = delay
        return delay
