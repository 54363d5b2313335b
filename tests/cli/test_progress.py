"""How far a command has come, as a terminal shows it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

from policy_engine.cli import progress
from policy_engine.cli.progress import Progress
from policy_engine.simulate import Input
from policy_engine.simulate.reading import Reader


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(text: bytes, whole: int | None, monkeypatch) -> str:
    monkeypatch.setattr(progress, "_PERIOD", 0.0)
    terminal = Terminal()
    with Progress(terminal, whole) as showing:
        reader = Reader(io.BufferedReader(io.BytesIO(text)), on_block=showing.show)
        list(reader.errors())
        showing.show(reader)
    return terminal.getvalue()


def test_a_bar_grows_with_what_was_read_and_is_taken_away_at_the_end(monkeypatch):
    text = b"ERROR:root:boom\n" * 100
    printed = shown(text, 2 * len(text), monkeypatch)
    assert "[############            ]  50%  100 lines, 100 errors" in printed
    assert printed.endswith("\r\x1b[K")


def test_where_the_whole_is_not_known_there_is_no_bar(monkeypatch):
    printed = shown(b"ERROR:root:boom\n", None, monkeypatch)
    assert "[#" not in printed
    assert "1 lines, 1 errors" in printed


def test_the_size_of_a_packed_file_says_nothing_of_its_text(tmp_path: Path):
    (tmp_path / "a.log").write_bytes(b"12345")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"12345"))
    assert Input(str(tmp_path / "a.log")).size() == 5
    assert Input(str(tmp_path / "a.gz")).size() is None
    assert Input("-").size() is None
