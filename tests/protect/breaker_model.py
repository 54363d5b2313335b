"""A plain model of the circuit breaker, written from its documentation: slow, obvious, and sharing no code with it.

It keeps everything that ever happened and counts anew at each question.
"""

import math
from dataclasses import dataclass


@dataclass
class Flight:
    """A call under way."""

    era: int
    started: float
    lease_ends: float | None = None
    given_back: bool = False


class BreakerModel:
    """What the documentation says of a breaker with ``options``, on a clock whose present the caller brings."""

    def __init__(self, options):
        self.options = options
        self.state = "CLOSED"
        self.until = math.inf
        self.era = 0
        self.openings = 0
        self.log = []
        self.probes = []
        self.good_probes = 0
        self.transitions = []
        self.totals = dict.fromkeys(("successes", "failures", "neutral", "refused", "slow", "late"), 0)

    def shown(self, now):
        if now >= self.until:
            return "HALF_OPEN" if self.state in ("OPEN", "FORCED_OPEN") else "CLOSED"
        return self.state

    def begin(self, now):
        """Return a flight, or the seconds after which to try again."""
        if now >= self.until:
            self.move(self.shown(now))
        if self.state in ("CLOSED", "DISABLED", "METRICS_ONLY"):
            return Flight(self.era, now)
        if self.state == "HALF_OPEN":
            held = [probe for probe in self.probes if not probe.given_back and probe.lease_ends > now]
            if len(held) < self.options.half_open.permits:
                probe = Flight(self.era, now, now + self.options.half_open.lease)
                self.probes.append(probe)
                return probe
            self.totals["refused"] += 1
            return min(probe.lease_ends for probe in held) - now
        self.totals["refused"] += 1
        return self.until - now

    def end(self, flight, how, now):
        """``how``: "good", "bad" or "neutral"."""
        if how == "neutral":
            self.totals["neutral"] += 1
            flight.given_back = True
            return
        took = now - flight.started
        slow = took > self.options.timeout
        if self.options.slow_call is not None:
            slow = slow or took > self.options.slow_call.longer_than
        failed = how == "bad" or took > self.options.timeout
        self.totals["slow"] += slow
        self.totals["failures" if failed else "successes"] += 1
        if flight.era != self.era:
            self.totals["late"] += 1
            return
        flight.given_back = True
        if self.state == "HALF_OPEN":
            self.end_probe(good=not failed and not slow, now=now)
        elif now >= self.until:
            self.move("CLOSED")
        elif self.state != "DISABLED":
            self.log.append((now, failed, slow))
            if self.state == "CLOSED" and self.must_open(now):
                self.open(now)

    def end_probe(self, *, good, now):
        if not good:
            self.open(now)
            return
        self.good_probes += 1
        if self.good_probes == self.options.success_threshold:
            self.openings = 0
            self.move("CLOSED")

    def counted(self, now):
        """The calls that count towards opening: (calls, failed, slow)."""
        window = self.options.window
        if window is None:
            row = 0
            for _, failed, _ in reversed(self.log):
                if not failed:
                    break
                row += 1
            return row, row, 0
        if window.kind == "count":
            calls = self.log[-window.size :]
        else:
            step = window.size / 20
            calls = [call for call in self.log if math.floor(now / step) - math.floor(call[0] / step) < 20]
        return len(calls), sum(failed for _, failed, _ in calls), sum(slow for _, _, slow in calls)

    def must_open(self, now):
        calls, failed, slow = self.counted(now)
        options = self.options
        if options.window is None:
            return failed >= options.failure_threshold
        enough = options.minimum_calls
        if options.window.kind == "count":
            enough = min(enough, options.window.size)
        if calls < enough:
            return False
        too_slow = options.slow_call is not None and slow / calls >= options.slow_call.rate
        return failed / calls >= options.failure_rate or too_slow

    def open(self, now):
        self.openings += 1
        time = self.options.recovery_timeout
        if self.options.open_backoff is not None:
            limit = max(self.options.open_backoff.maximum, time)
            time = min(limit, time * self.options.open_backoff.factor ** (self.openings - 1))
        self.move("OPEN", now + time)

    def order(self, state, until):
        self.move(state, until)

    def reset(self):
        self.openings = 0
        self.move("CLOSED")

    def adopt(self, options):
        if options != self.options:
            self.options = options
            log = self.log  # only limits differ here: what was counted stays
            self.new_era()
            self.log = log

    def move(self, state, until=math.inf):
        if state != self.state:
            self.transitions.append((self.state, state))
        self.state, self.until = state, until
        self.new_era()

    def new_era(self):
        self.era += 1
        self.log, self.probes, self.good_probes = [], [], 0
