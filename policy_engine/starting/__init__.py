"""The folder that a service's error handling starts from: a policy, its tests, recorded errors, and checks in CI.

Knows the templates beside it, and which of them goes where. Writes only files that are not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

PROFILES = ("web-api", "websocket-bot")

_COMMON = {
    "README.md.txt": "README.md",
    "github.yml.txt": ".github/workflows/policy.yml",
    "gitlab-ci.yml.txt": ".gitlab-ci.yml",
    "pre-commit-config.yaml.txt": ".pre-commit-config.yaml",
}
_OF_A_PROFILE = {
    "service.toml.txt": "policies/service.toml",
    "service.test.toml.txt": "policies/tests/service.test.toml",
    "errors.jsonl.txt": "recorded/errors.jsonl",
}


def write_start(profile: str, folder: Path, schemas: Mapping[str, str]) -> list[Path]:
    """Write the files of a profile into ``folder`` and return them; ``schemas`` are texts by name, for editors.

    Raises:
        FileExistsError: one of them is there already; then nothing was written.
    """
    texts = {target: _text("common", source) for source, target in _COMMON.items()}
    texts.update({target: _text(profile, source) for source, target in _OF_A_PROFILE.items()})
    texts.update({f"schema/{name}": text for name, text in schemas.items()})
    paths = {folder / target: text for target, text in texts.items()}
    there = [path for path in paths if path.exists()]
    if there:
        raise FileExistsError(f"{there[0]} is there already")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(paths)


def _text(folder: str, name: str) -> str:
    return (files("policy_engine.starting") / folder / name).read_text(encoding="utf-8")
