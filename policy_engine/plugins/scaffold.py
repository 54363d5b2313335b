"""Writing a new plugin's package: ready to install, with tests that pass."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def write_plugin(name: str, parent: Path) -> list[Path]:
    """Write the package of a plugin ``name`` into the folder ``parent/name`` and return the files.

    Raises:
        ValueError: it is no name for a plugin.
        FileExistsError: the folder is there already.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f'"{name}" is no name for a plugin: use lower case letters, digits and "-", as in "acme-mail"')
    prefix = name.replace("-", "_")
    module = f"policy_engine_{prefix}"
    words = {"prefix": prefix, "module": module, "package": module.replace("_", "-"), "title": name}
    folder = parent / name
    folder.mkdir(parents=True)
    written = []
    for source, target in _files(module).items():
        text = (files("policy_engine.plugins") / "template" / source).read_text(encoding="utf-8")
        path = folder / target
        path.write_text(Template(text).substitute(words), encoding="utf-8")
        written.append(path)
    return written


def _files(module: str) -> dict[str, str]:
    return {
        "README.md.txt": "README.md",
        "pyproject.toml.txt": "pyproject.toml",
        "plugin.py.txt": f"{module}.py",
        "test_plugin.py.txt": f"test_{module}.py",
        "policy.toml.txt": "policy.toml",
        "policy.test.toml.txt": "policy.test.toml",
    }
