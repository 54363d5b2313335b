"""What an editor shows: tombi's checker, which is the language server's, over the schema that policies name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policy_engine.compile import check_layers

ROOT = Path(__file__).resolve().parents[2]


def marked_by_tombi(folder: Path, *files: str) -> list[tuple[str, str, int]]:
    """The level, file and line (from 1) of everything that tombi says of ``files`` with its own defaults."""
    report = folder / "tombi.json"
    command = [str(Path(sys.executable).with_name("tombi")), "lint", "--offline", "--quiet"]
    options = ["--diagnostics-format", "json", "--diagnostics-file", report.name]
    subprocess.run([*command, *options, *files], cwd=folder, check=False, timeout=60, capture_output=True)
    return [
        (each["level"], Path(each["path"]).name, each["range"]["start"]["line"])
        for each in json.loads(report.read_text("utf-8"))
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the schemas beside the policies, as ``policy-engine init`` lays it out."""
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    return tmp_path


def test_an_editor_has_nothing_to_say_about_the_shipped_policies_and_their_tests(folder: Path) -> None:
    shutil.copytree(ROOT / "policies", folder / "policies")
    assert marked_by_tombi(folder, "policies") == []


@pytest.mark.parametrize(
    "line",
    [
        "failure_treshold = 3",
        'failure_threshold = "3"',
        "failure_threshold = 0",
        'recovery_timeout = "1 minute"',
        "half_open = { permits = 0 }",
        'window = { kind = "cuont", size = 10 }',
    ],
)
def test_an_editor_marks_the_line_that_validate_names(line: str, folder: Path) -> None:
    policy = folder / "policies" / "policy.toml"
    policy.parent.mkdir()
    policy.write_text(f"#:schema ../schema/policy.schema.json\n\n[breakers.default]\n{line}\n", "utf-8")
    ours = [found.span.line for found in check_layers([[policy]]).diagnostics if found.span is not None]
    assert ours == [4]
    assert ("ERROR", "policy.toml", 4) in [
        (level.upper(), *rest) for level, *rest in marked_by_tombi(folder, "policies")
    ]
