"""What README and the pages under docs/ show is what happens."""

from pathlib import Path

import pytest
from documents import ROOT, Block, DocumentError, blocks_of, run_page, session_of, shows

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    run_page(page.read_text(encoding="utf-8"), tmp_path)


def test_a_page_is_split_into_its_fenced_blocks_and_the_comments_above_them() -> None:
    page = (
        "Text\n\n```python\nx = 1\n```\n\n"
        "<!-- file: a.toml -->\n```toml\na = 1\n```\n"
        "<!-- not run: slow -->\n```console\n$ x\n```\n"
    )
    assert list(blocks_of(page)) == [
        Block(3, "python", "x = 1\n"),
        Block(8, "toml", "a = 1\n", file="a.toml"),
        Block(12, "console", "$ x\n", skipped="slow"),
    ]


def test_a_comment_holds_for_the_block_right_below_it_alone() -> None:
    page = "<!-- not run: slow -->\n\nText between.\n\n```python\nx\n```\n"
    assert [block.skipped for block in blocks_of(page)] == [""]


def test_a_session_is_commands_each_with_its_output() -> None:
    assert session_of("$ one\nfirst\nsecond\n$ two \\\n    --more\n$ three\n") == [
        ("one", "first\nsecond\n"),
        ("two \\\n--more", ""),
        ("three", ""),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "equal"),
    [
        ("548 errors\n", "548 errors\n", True),
        ("548 errors\n", "547 errors\n", False),
        ("", "surprise\n", False),
        ("took ... s\n", "took 0.31 s\n", True),
        ("first\n...\nlast\n", "first\nsecond\nthird\nlast\n", True),
        ("first\n...\nlast\n", "first\nlast\n", True),
        ("first\n...\n", "first\n", True),
        ("first\n", "first\nsecond\n", False),
    ],
)
def test_dots_stand_for_text_that_differs(expected: str, printed: str, *, equal: bool) -> None:
    assert shows(expected, printed) is equal


def test_a_program_that_fails_and_a_command_that_prints_something_else_are_found(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="line 1 fails"):
        run_page("```python\n1 / 0\n```\n", tmp_path / "program")
    with pytest.raises(DocumentError, match="should print"):
        run_page("```console\n$ echo one\ntwo\n```\n", tmp_path / "session")


def test_files_and_the_last_status_are_there_for_the_blocks_that_follow(tmp_path: Path) -> None:
    page = (
        "<!-- file: notes/a.txt -->\n```text\nhello\n```\n"
        "```console\n$ cat notes/a.txt\nhello\n$ false\n$ echo $?\n1\n```\n"
    )
    run_page(page, tmp_path)
