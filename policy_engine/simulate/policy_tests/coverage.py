"""How much of a policy its tests made work: rules, breakers and their transitions, triggers, strategies, routes.

A transition is covered when a test saw it. A breaker that has no table of its own stands for ``default``. Of a policy
that lies over the shipped one, what nobody but the shipped files defines is not counted: it has tests of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_engine.compile import Policy
from policy_engine.model import BreakerChanged, BreakerState
from policy_engine.policy.document import Path as Steps
from policy_engine.policy.shipped import policies_path

_TRANSITIONS = (
    (BreakerState.CLOSED, BreakerState.OPEN),
    (BreakerState.OPEN, BreakerState.HALF_OPEN),
    (BreakerState.HALF_OPEN, BreakerState.CLOSED),
    (BreakerState.HALF_OPEN, BreakerState.OPEN),
)
KINDS = ("rules", "breakers", "transitions", "triggers", "strategies", "routes")


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a policy defines, and whether a test made it work."""

    kind: str
    name: str
    origin: str
    covered: bool
    counted: bool = True


class Coverage:
    """What the tests of one policy covered so far."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._shipped = policies_path().resolve()
        given = [Path(path).resolve() for layer in policy.layers for path in layer]
        self._counts_all = not given or any(path.is_relative_to(self._shipped) for path in given)
        self.rules: set[str] = set()
        self.breakers: set[str] = set()
        self.transitions: set[tuple[str, BreakerState, BreakerState]] = set()
        self.triggers: set[str] = set()
        self.strategies: set[str] = set()
        self.routes: set[str] = set()

    def breaker_called(self, name: str) -> None:
        """A call went to the breaker, or was refused by it."""
        self.breakers.add(self._defined(name))

    def breaker_changed(self, event: BreakerChanged) -> None:
        """A breaker changed its state."""
        self.transitions.add((self._defined(event.breaker), event.before, event.after))

    def parts(self) -> list[Part]:
        """Return everything that can be covered, in the order of the policy."""
        return [part for part in self._parts() if part.counted]

    def not_counted(self) -> int:
        """How many parts come from the shipped policy, which this one extends."""
        return sum(not part.counted for part in self._parts())

    def percent(self) -> float:
        """How much of it is covered, from 0 to 100; 100 where there is nothing to cover."""
        parts = self.parts()
        return 100.0 * sum(part.covered for part in parts) / len(parts) if parts else 100.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        parts = self.parts()
        kinds = {kind: [part for part in parts if part.kind == kind] for kind in KINDS}
        return {
            "percent": round(self.percent(), 1),
            "not_counted": self.not_counted(),
            **{
                kind: {
                    "covered": sum(part.covered for part in found),
                    "of": len(found),
                    "missing": [{"name": part.name, "origin": part.origin} for part in found if not part.covered],
                }
                for kind, found in kinds.items()
            },
        }

    def _defined(self, name: str) -> str:
        """The table that a breaker goes by; one of many with a key is called ``name[value]``."""
        own = name if name in self._policy.breakers else name.partition("[")[0]
        return own if own in self._policy.breakers else "default"

    def _parts(self) -> Iterator[Part]:
        data = self._policy.document.data
        yield from self._named("rules", ("rules",), data.get("rules", ()), self.rules)
        for name in data.get("breakers", {}):
            path = ("breakers", name)
            yield self._part("breakers", name, path, covered=name in self.breakers)
            for before, after in _TRANSITIONS:
                covered = (name, before, after) in self.transitions
                yield self._part("transitions", f"{name}: {before} to {after}", path, covered=covered)
        yield from self._triggers(data.get("degradation", {}))
        strategies = data.get("recovery", {}).get("strategies", ())
        yield from self._named("strategies", ("recovery", "strategies"), strategies, self.strategies)
        yield from self._named("routes", ("alerts", "routes"), data.get("alerts", {}).get("routes", ()), self.routes)

    def _triggers(self, section: Mapping[str, Any]) -> Iterator[Part]:
        yield from self._named("triggers", ("degradation", "triggers"), section.get("triggers", ()), self.triggers)
        for component, table in section.get("components", {}).items():
            path = ("degradation", "components", component, "triggers")
            yield from self._named("triggers", path, table.get("triggers", ()), self.triggers)

    def _named(self, kind: str, path: Steps, tables: Any, covered: set[str]) -> Iterator[Part]:
        for index, table in enumerate(tables):
            yield self._part(kind, table["name"], (*path, index), covered=table["name"] in covered)

    def _part(self, kind: str, name: str, path: Steps, *, covered: bool) -> Part:
        document = self._policy.document
        counted = self._counts_all or not all(self._is_shipped(part.file.name) for part in document.parts(path))
        return Part(kind, name, document.origin(path), covered, counted)

    def _is_shipped(self, file: str) -> bool:
        return Path(file).resolve().is_relative_to(self._shipped)
