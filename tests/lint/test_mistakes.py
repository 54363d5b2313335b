"""The mistakes that the benchmark compares checkers with: each is one finding, exactly at its place."""

import tomllib
from pathlib import Path

import pytest
from policy.marked import findings, unmarked

MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text("utf-8"))["mistakes"]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_one_finding_where_it_was_made(mistake: dict[str, str], tmp_path: Path) -> None:
    text, wanted = unmarked(mistake["policy"], str(tmp_path / "policy.toml"))
    (finding,) = findings(text, tmp_path, advice=True, resolve=True)
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) >= (wanted.line, wanted.column)
    assert (finding.span.line, finding.span.column) < (wanted.end_line, max(wanted.end_column, wanted.column + 1))


def test_there_are_enough_of_them() -> None:
    assert len({mistake["policy"] for mistake in MISTAKES}) >= 40
