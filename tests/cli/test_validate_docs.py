"""Every code that validate prints has a page; what its files are said to print is what it prints."""

import re
import subprocess
from pathlib import Path

import pytest
from documents import ROOT, blocks_of, session_of, shows

from policy_engine.cli import main
from policy_engine.policy.diagnostics import CODES

PAGES = ROOT / "docs" / "diagnostics"
OF_A_RELOAD = {"PE209", "PE408", "PE671", "PE672", "PE673"}
"""A running service alone finds a call that it uses gone, a plugin that needs a restart, or how its keys are."""
OF_VALIDATE = {code: kind for code, kind in CODES.items() if code[:3] in ("PE1", "PE2", "PE3", "PE4", "PE6", "PE7")}
"""The hundreds beyond belong to other commands, whose tests run their pages."""


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {page.stem for page in PAGES.glob("PE*.md")}
    assert set(OF_VALIDATE) <= pages <= set(CODES)


def test_the_list_of_codes_is_complete() -> None:
    listed = re.findall(
        r"^\| \[(PE\d+)\]\(PE\d+\.md\) \| ([\w-]+) \|", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert {code: kind.name for code, kind in OF_VALIDATE.items()}.items() <= dict(listed).items()
    assert {code for code, _ in listed} == {page.stem for page in PAGES.glob("PE*.md")}


@pytest.mark.parametrize("code", sorted(set(OF_VALIDATE) - OF_A_RELOAD))
def test_a_page_shows_a_wrong_policy_what_it_prints_and_a_right_one(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (PAGES / f"{code}.md").read_text("utf-8")
    assert page.startswith(f"# {code} {CODES[code].name}\n")
    monkeypatch.chdir(tmp_path)
    printed = []
    for block in blocks_of(page):
        if block.file:
            Path(block.file).write_text(block.text, "utf-8")
            continue
        for command, expected in session_of(block.text):
            output = _run(command, capsys)
            assert shows(expected, output), output
            printed.append(output)
    assert f" {code} {CODES[code].name}: " in printed[-2]
    assert printed[-1].endswith("no findings\n")


def _run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    if not command.startswith("policy-engine "):
        subprocess.run(["sh", "-c", command], check=True)
        return ""
    main(command.split()[1:])
    output = capsys.readouterr()
    return output.out + output.err
