"""How an engine's policy stands: which one is active since when, and what became of the last attempt to change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from policy_engine.errors import DiagnosticLike
from policy_engine.instants import iso


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """The policy in force, and whether the files have moved on from it. Times in seconds since 1970."""

    active_since: float
    last_attempt: float
    reloads: int = 0
    """How often another policy became active."""
    refusals: int = 0
    """How often a policy was refused, and the active one stayed."""
    refused: tuple[DiagnosticLike, ...] = ()
    """Why the last attempt was refused; empty where it was not."""

    @property
    def current(self) -> bool:
        """Whether what the files say is what runs, as far as the last attempt knows."""
        return not self.refused

    def activated(self, time: float) -> PolicyStatus:
        """Return the status after another policy became active."""
        return PolicyStatus(time, time, self.reloads + 1, self.refusals)

    def refused_for(self, diagnostics: tuple[DiagnosticLike, ...], time: float) -> PolicyStatus:
        """Return the status after a policy was refused."""
        return replace(self, last_attempt=time, refusals=self.refusals + 1, refused=diagnostics)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "active_since": iso(self.active_since),
            "last_attempt": iso(self.last_attempt),
            "current": self.current,
            "reloads": self.reloads,
            "refusals": self.refusals,
            "refused": [str(diagnostic) for diagnostic in self.refused],
        }
