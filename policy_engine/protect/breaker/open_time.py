"""How long a breaker stays open."""

from __future__ import annotations

from random import Random

from policy_engine.forks import survives_fork
from policy_engine.protect.breaker.options import BreakerOptions


def open_time(options: BreakerOptions, openings: int, random: Random) -> float:
    """Seconds to stay open, the ``openings``-th time (from 1) without a closing between.

    ``t = recovery_timeout * factor ** (openings - 1)``, at most ``maximum`` or ``recovery_timeout`` itself; jitter j
    draws from [t * (1 - j), t].
    """
    backoff, grown = options.open_backoff, options.recovery_timeout
    if backoff is None:
        return grown
    ceiling = max(backoff.maximum, grown)
    try:
        grown = min(ceiling, grown * backoff.factor ** (openings - 1))
    except OverflowError:  # after 1,024 doublings; the maximum was reached long before
        grown = ceiling if grown else 0.0
    return random.uniform(grown * (1.0 - backoff.jitter), grown)


class ProcessRandom(Random):
    """Spreads open times, guards no secret; each process has its own, or all of a server would probe at once."""

    def __init__(self) -> None:
        super().__init__()
        survives_fork(self)

    def after_fork(self) -> None:
        """Begin anew from the system's randomness."""
        self.seed()
