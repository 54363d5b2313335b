"""One of a plugin's matchers as a match table asks it: bound to its parameters, and evaluated like any other test.

Knows no plugins: whoever binds one brings the function, and keeps what it raises away from the error being matched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy_engine.model import Occurrence


@dataclass(frozen=True, slots=True)
class Asked:
    """A matcher with the parameters of one match table; it stands in their place once the policy is compiled."""

    name: str
    parameters: Mapping[str, object]
    holds: Callable[[Occurrence], bool]
    """Answers no where the plugin's own code raises."""


def parameters_of(spec: object) -> object:
    """Return what a policy writes for a matcher, be it bound already or not."""
    return dict(spec.parameters) if isinstance(spec, Asked) else spec
