"""Of a hundred small changes to the code that protects calls, its tests notice ninety-five.

The changes are made in a copy, by ``[tool.mutmut]`` of pyproject.toml; which stay unnoticed, and why, is told in
``surviving_mutants.md`` beside this file. Takes ten minutes on two cores.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from documents import ROOT

NEEDED = ["policy_engine", "tests", "schema", "policies", "examples", "plugins"]
NOTICED = ["killed", "timeout"]


def mutmut(copy: Path, *arguments: str) -> str:
    """What the command prints, run in ``copy``."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def a_copy(folder: Path) -> Path:
    """The project in ``folder``, without what tools left in it."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def by_file(results: str) -> dict[str, Counter[str]]:
    """How many mutants of each module came to which end, from lines as ``package.module.function: killed``."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for line in results.splitlines():
        mutant, _, end = line.strip().partition(": ")
        if end:
            ends[mutant.rpartition(".")[0].removeprefix("policy_engine.protect.")][end] += 1
    return ends


@pytest.mark.prove
def test_of_a_hundred_changes_to_protect_its_tests_notice_ninety_five(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = a_copy(tmp_path)
    mutmut(copy, "run", "--max-children", str(os.cpu_count() or 1))
    results = mutmut(copy, "results", "--all", "true")
    ends = by_file(results)
    total = sum(ends.values(), Counter())
    noticed, made = sum(total[end] for end in NOTICED), total.total()
    with capsys.disabled():
        print(f"\n{noticed} of {made} mutants noticed, {noticed / made:.1%}")
        for module, counts in sorted(ends.items()):
            print(f"  {module}: " + ", ".join(f"{count} {end}" for end, count in counts.most_common()))
        print("\n".join(line for line in results.splitlines() if not line.endswith(tuple(NOTICED))))
    assert made > 2500
    assert noticed >= 0.95 * made
