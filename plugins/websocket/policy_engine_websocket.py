"""Recovery for WebSocket subscriptions: resubscribe, ever slower until a connection was stable.

A server that accepts a connection and closes it at once looks well to a backoff that a handshake resets, and is asked
thousands of times. Here a short life of a connection counts as a failure: only one that lived for ``stable_for`` sets
the delay back. The program registers a function that connects and subscribes, under the name that the policy uses::

    handler.engine.register("prices", subscribe)
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Any, cast

from policy_engine.plugins import DURATION, Action, ActionContext, Delay, Outcome, hookimpl, seconds
from policy_engine.recover import compile_backoff

_DURATION = {"type": "string", "pattern": DURATION}
_NAME = {
    "type": "string",
    "minLength": 1,
    "description": "The name under which the program registered the function that connects and subscribes.",
}
_SCHEMA = {
    "type": "object",
    "properties": {"subscription": _NAME},
    "required": ["subscription"],
    "additionalProperties": False,
}
_PAUSE_SCHEMA = {
    "type": "object",
    "properties": {
        "subscription": _NAME,
        "stable_for": {**_DURATION, "description": "How long a connection must have lived to count as stable."},
        "backoff": {
            "type": "object",
            "description": "How the pause grows with every connection that was not stable.",
            "properties": {
                "kind": {"enum": ["constant", "linear", "exponential", "fibonacci"]},
                "initial": _DURATION,
                "max": _DURATION,
                "factor": {"type": "number", "minimum": 1},
                "jitter": {"enum": ["none", "full", "equal", "decorrelated"]},
            },
            "additionalProperties": False,
        },
    },
    "required": ["subscription", "backoff"],
    "additionalProperties": False,
}
DEFAULT_STABLE_FOR = 60.0


@hookimpl
def policy_engine_actions() -> Sequence[Action]:
    """Bring ``websocket.pause`` and ``websocket.resubscribe``, which share what they know of each subscription."""
    connections = _Connections()
    return [
        Action("websocket.pause", connections.pause, _PAUSE_SCHEMA, "Wait, longer after each short connection."),
        Action("websocket.resubscribe", connections.resubscribe, _SCHEMA, "Connect and subscribe again."),
    ]


class _Connections:
    """When each subscription was last made, and how many in a row were too short."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, float] = {}
        self._short: dict[str, int] = {}

    def pause(self, context: ActionContext) -> Outcome:
        """Answer the delay; the first after a stable connection is the first of the backoff."""
        name = str(context.parameters["subscription"])
        stable_for = context.parameters.get("stable_for")
        enough = seconds(stable_for) if isinstance(stable_for, str) else DEFAULT_STABLE_FOR
        now = context.clock.monotonic()
        with self._lock:
            made = self._made.pop(name, None)
            # A connection that was never made has failed as well: only a long life starts the count anew.
            stable = made is not None and now - made >= enough
            count = self._short[name] = 1 if stable else self._short.get(name, 0) + 1
        backoff = compile_backoff(cast("dict[str, Any]", context.parameters["backoff"]))
        return Delay(backoff.delay(count, context.random))

    def resubscribe(self, context: ActionContext) -> Outcome | Awaitable[Outcome]:
        """Call the registered function with the error, and note when the connection was made."""
        made = context.ports.registered(str(context.parameters["subscription"]))(context.info)
        if isawaitable(made):
            return self._resubscribed_later(context, made)
        return self._resubscribed(context, made)

    async def _resubscribed_later(self, context: ActionContext, made: Awaitable[object]) -> Outcome:
        return self._resubscribed(context, await made)

    def _resubscribed(self, context: ActionContext, made: object) -> Outcome:
        if made is not None and not made:
            return False
        with self._lock:
            self._made[str(context.parameters["subscription"])] = context.clock.monotonic()
        return True
