"""Values of a policy in the form in which equal ones mean the same.

``"60s"`` is ``"1m"``, one name is a list of one, an order that says nothing is sorted away, and a key that only repeats
its default is left out. Descriptions mean nothing to an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy_engine.model import short_name
from policy_engine.policy.described import default_of
from policy_engine.policy.document import Path
from policy_engine.policy.durations import seconds
from policy_engine.policy.variables import takes_variables

_IN_ORDER = frozenset({"steps", "escalate", "levels", "allow_commands"})
"""Lists whose order says something."""

_MATCHES = frozenset({"match", "counts", "when"})
_FOREIGN = "plugin"
"""Parameters of plugins' matchers, in a match table: only the plugin knows which of them mean the same."""
_EXCEPTIONS = frozenset({"exception", "exceptions"})
_MEANINGLESS = frozenset({"description", "used_by"})


def normal_entry(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return an entry's keys with their normal values; its name is not among them."""
    return {key: value for key, value in normal(table, path).items() if key != "name"}


def normal(value: Any, path: Path, *, matches: bool = False) -> Any:
    """Return the normal form of the value at ``path``; in what ``matches``, a single value is a list of one."""
    if isinstance(value, dict):
        return {
            key: item if matches and key == _FOREIGN else normal(item, (*path, key), matches=matches or key in _MATCHES)
            for key, item in value.items()
            if key not in _MEANINGLESS and not _is_default(item, (*path, key))
        }
    if isinstance(value, list):
        items = [
            normal(item, (*path, index), matches=matches and isinstance(item, dict)) for index, item in enumerate(value)
        ]
        items = [item if isinstance(item, dict) or not matches else _name(item, path) for item in items]
        return items if path[-1] in _IN_ORDER else sorted(items, key=repr)
    if isinstance(value, str) and takes_variables(path):
        return _duration(value)
    if matches and not isinstance(value, bool) and path[-1] not in ("from", "to"):
        return [_name(value, path)]
    return value


def _name(value: Any, path: Path) -> Any:
    return short_name(value) if path[-1] in _EXCEPTIONS and isinstance(value, str) else value


def _is_default(value: Any, path: Path) -> bool:
    default = default_of(path)
    return default is not None and normal_default(value, path) == normal_default(default, path)


def normal_default(value: Any, path: Path) -> Any:
    """A value as it is compared with a default."""
    return _duration(value) if isinstance(value, str) and takes_variables(path) else value


def _duration(text: str) -> Any:
    try:
        return seconds(text)
    except ValueError:
        return text
