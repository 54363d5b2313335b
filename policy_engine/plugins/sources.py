"""Finding a plugin by the name that a policy gives it, and importing it: foreign code runs here.

An entry point of the group ``policy_engine``, or a file relative to the policy; nothing else is ever imported.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from policy_engine.plugins.problems import PluginProblemError, Problem, raised

GROUP = "policy_engine"


def is_file(name: str) -> bool:
    """Whether a plugin's name means a file: it ends in ".py" or holds a slash."""
    return name.endswith(".py") or "/" in name


def load_source(name: str, base: Path) -> object:
    """Import the plugin and return it: a module, or the object that an entry point names (a class is called).

    Raises:
        PluginProblemError: there is none of this name, or it raised.
    """
    try:
        plugin = _from_file(name, base) if is_file(name) else _entry_point(name).load()
        return plugin() if isinstance(plugin, type) else plugin
    except PluginProblemError:
        raise
    except (Exception, SystemExit) as error:
        # Whatever the plugin's code raised on import is a finding with its name.
        raise PluginProblemError(raised(name, "cannot be loaded", error)) from error


def _entry_point(name: str) -> importlib.metadata.EntryPoint:
    found = importlib.metadata.entry_points(group=GROUP)
    named = [point for point in found if point.name == name]
    if len(named) == 1:
        return named[0]
    if named:
        packages = ", ".join(sorted(point.dist.name for point in named if point.dist is not None))
        problem = Problem("PE401", f'several installed packages bring a plugin "{name}": {packages}', "uninstall one")
        raise PluginProblemError(problem)
    raise PluginProblemError(Problem("PE401", f'no plugin "{name}" is installed', _suggest(name, found.names)))


def _suggest(name: str, installed: set[str]) -> str:
    close = get_close_matches(name, sorted(installed), n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    if installed:
        return f"installed are: {', '.join(sorted(installed))}"
    return "install its package into this environment, or name a file, as in \"./my_plugin.py\""


def _from_file(name: str, base: Path) -> ModuleType:
    path = (base / name).resolve()
    if not path.is_file():
        problem = Problem("PE401", f'no plugin file "{name}"', f"files are looked for from {base} on")
        raise PluginProblemError(problem)
    module_name = f"policy_engine_plugin_{path.stem}_{sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise PluginProblemError(Problem("PE401", f'plugin file "{name}" is no Python file', 'it must end in ".py"'))
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module
