"""The project as a stranger gets it: the wheel outside the checkout, and what an import costs."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECORDED = ROOT / "examples" / "recorded" / "bot.log"

NOT_AT_IMPORT = {"jsonschema", "jinja2", "asyncio", "pluggy", "tree_sitter", "http", "concurrent"}
"""What takes long to import, and a service that only imports the library has no use for yet."""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a clean environment that holds the built wheel and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT, cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    commands = folder / "env" / "bin"
    run(commands / "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    return commands


def test_the_wheel_runs_the_main_job_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.jsonl"
    printed = run(installed / "policy-engine", "replay", RECORDED, "--each", decisions, "--json", cwd=tmp_path)
    summary = json.loads(printed)
    rows = [json.loads(line) for line in decisions.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == summary["errors"] > 100
    assert {"NETWORK", "DATABASE"} <= {row["category"] for row in rows}


def test_the_wheel_carries_policies_that_its_own_schema_accepts(installed: Path, tmp_path: Path) -> None:
    where = run(
        installed / "python",
        "-c",
        "from policy_engine.policy.shipped import policies_path; print(policies_path())",
        cwd=tmp_path,
    ).strip()
    assert ROOT not in Path(where).parents
    run(installed / "policy-engine", "validate", "--strict", where, cwd=tmp_path)


def test_importing_the_library_imports_nothing_slow() -> None:
    program = "import sys; from policy_engine import handle_error, critical_function; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run(sys.executable, "-c", program, cwd=ROOT).split()}
    assert not loaded & NOT_AT_IMPORT
