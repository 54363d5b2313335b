"""Plugins: code that a policy names, and the hooks that it may implement. Plugin authors import from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy_engine.plugins.loading import Plugins, action_schemas, load_plugins
from policy_engine.recover import Action, ActionContext, Again, Delay, Outcome

if TYPE_CHECKING:
    from policy_engine.plugins.hookspecs import hookimpl

__all__ = [
    "Action",
    "ActionContext",
    "Again",
    "Delay",
    "Outcome",
    "Plugins",
    "action_schemas",
    "hookimpl",
    "load_plugins",
]


def __getattr__(name: str) -> object:
    # pluggy costs 30 ms to import, which only a plugin or the loading of one should pay.
    if name == "hookimpl":
        from policy_engine.plugins.hookspecs import hookimpl

        return hookimpl
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
