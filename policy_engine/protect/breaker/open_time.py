"""How long a breaker stays open."""

from __future__ import annotations

from random import Random

from policy_engine.protect.breaker.options import BreakerOptions


def open_time(options: BreakerOptions, openings: int, random: Random) -> float:
    """Seconds to stay open, the ``openings``-th time (from 1) without a closing between.

    ``t = recovery_timeout * factor ** (openings - 1)``, at most ``maximum`` or ``recovery_timeout`` itself; jitter j
    draws from [t * (1 - j), t]. Multiplied step by step, so that nothing overflows.
    """
    backoff, grown = options.open_backoff, options.recovery_timeout
    if backoff is None:
        return grown
    ceiling = max(backoff.maximum, grown)
    for _ in range(min(openings, 64) - 1):
        grown = min(ceiling, grown * backoff.factor)
    return random.uniform(grown * (1.0 - backoff.jitter), grown)
