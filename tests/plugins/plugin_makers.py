"""Small makers for tests of what plugins bring: plugin files, and engines whose policy names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from policy_engine import Engine, VirtualClock, load_policy
from policy_engine.compile import check_policy
from policy_engine.policy import Diagnostic


def a_plugin(folder: Path, source: str, name: str = "acme.py") -> None:
    """Write a plugin's file beside the policy."""
    (folder / name).write_text(
        f"from policy_engine.plugins import *\nfrom policy_engine.plugins import hookimpl\n{source}"
    )


def a_policy_file(folder: Path, text: str, plugins: Sequence[str] = ("acme.py",)) -> Path:
    """Write a policy that names the plugins; its own text begins on line 2."""
    path = folder / "policy.toml"
    path.write_text(f"plugins = {list(plugins)}\n{text}", encoding="utf-8")
    return path


def an_engine(path: Path, *, dry: bool = False) -> tuple[Engine, VirtualClock]:
    """An engine on a virtual clock."""
    clock = VirtualClock()
    return Engine(load_policy(path), clock=clock, random=Random(1), dry=dry), clock


def findings(path: Path) -> list[Diagnostic]:
    """What is found in the policy."""
    return list(check_policy([path]).diagnostics)
