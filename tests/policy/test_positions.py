"""Where a document's keys and values stand, in lines and characters."""

from pathlib import Path

import pytest
from policy.marked import unmarked

from policy_engine.policy.document import Document
from policy_engine.policy.files import SourceFile, read
from policy_engine.policy.merge import merge


def a_document(folder: Path, *texts: str) -> Document:
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_bytes(text.encode())
    return merge(read([folder]).files)[0]


def value_is_marked(marked: str, path: tuple[str | int, ...], folder: Path, *, key: bool = False) -> bool:
    text, span = unmarked(marked, str(folder / "0.toml"))
    return a_document(folder, text).locate(path, key=key) == span


@pytest.mark.parametrize(
    ("marked", "path"),
    [
        ("a = «1»", ("a",)),
        ("\ta\t=\t«1»\t# é", ("a",)),
        ("ä = 1\n".replace("ä", '"ä"') + 'b = «"😀"» # c\r\n', ("b",)),
        ('x = "é😀"\r\n[t]\r\ny = «true»\r\n', ("t", "y")),
        ("a.b.c = «1»", ("a", "b", "c")),
        ("a.\"b c\".'d' = «1»", ("a", "b c", "d")),
        ('"a\\u00e9" . b = «1»', ("aé", "b")),
        ("a = {b = {c = 1, d = «2»}}", ("a", "b", "d")),
        ("a = {b.c.d = «1»}", ("a", "b", "c", "d")),
        ("a = {b = «{ c = 1 }»}", ("a", "b")),
        ("a = [1, # no\n  «[2, 3]», {x = 4}]", ("a", 1)),
        ("a = [1, [2, «3»]]", ("a", 1, 1)),
        ("a = [{x = 1}, {x = «4»}]", ("a", 1, "x")),
        ("a = [{x = 1},\n«{x = 4}»]", ("a", 1)),
        ("[[r]]\nn = 1\n[[r]]\nn = «2»\n", ("r", 1, "n")),
        ("[[r]]\nn = 1\n«[[r]]»\nn = 2\n", ("r", 1)),
        ("[[r]]\n[r.m]\nx = 1\n[[r]]\n[r.m]\nx = «2»\n", ("r", 1, "m", "x")),
        ("[[r]]\n[[r.s]]\nx = 1\n[[r.s]]\nx = «2»\n[[r]]\n[[r.s]]\nx = 3\n", ("r", 0, "s", 1, "x")),
        ("«[ a . b ]»\n", ("a", "b")),
        ("[a.b]\nc = 1\n[a]\nd = «2»\n", ("a", "d")),
        ("[a]\nb.c = 1\nb.d = «2»\n", ("a", "b", "d")),
        ("'' = «1»", ("",)),
        ('a = «"""\nx\n"""»\nb = 1', ("a",)),
        ("a = «2026-01-01 10:00:00»", ("a",)),
        ("a = «-nan»", ("a",)),
    ],
)
def test_a_value_is_found(marked: str, path: tuple[str | int, ...], tmp_path: Path) -> None:
    assert value_is_marked(marked, path, tmp_path)


@pytest.mark.parametrize(
    ("marked", "path"),
    [
        ("«a» = 1", ("a",)),
        ("a.«b».c = 1", ("a", "b")),
        ("«a».b.c = 1", ("a",)),
        ('a.«"b c"» = 1', ("a", "b c")),
        ("a = {«b» = 1}", ("a", "b")),
        ("[«a».b]\n", ("a",)),
        ("[a.«b»]\n", ("a", "b")),
        ("[[«r»]]\n[[r]]\n", ("r",)),
        ("[[r]]\n[[«r»]]\n", ("r", 1)),
        ("[[r]]\n«m».x = 1\n", ("r", 0, "m")),
        ("[[r]]\n[r.«m».k]\n", ("r", 0, "m")),
    ],
)
def test_a_key_is_found(marked: str, path: tuple[str | int, ...], tmp_path: Path) -> None:
    assert value_is_marked(marked, path, tmp_path, key=True)


@pytest.mark.parametrize("path", [("b",), ("a", "b"), ("r", 2), ("r", 0, "x"), ("a", 0)])
def test_what_is_not_there_is_nowhere(path: tuple[str | int, ...], tmp_path: Path) -> None:
    assert a_document(tmp_path, "a = 1\n[[r]]\n[[r]]\nx = 1\n").locate(path) is None


def test_a_byte_order_mark_moves_nothing(tmp_path: Path) -> None:
    span = a_document(tmp_path, "\ufeffa = 1\n").locate(("a",))
    assert span is not None
    assert (span.line, span.column, span.end_column) == (1, 5, 6)


def test_items_of_a_list_in_two_files_are_found_each_in_its_own(tmp_path: Path) -> None:
    document = a_document(tmp_path, "[[rules]]\nname = 'a'\n", "\n[[rules]]\nname = 'b'\n[[rules]]\nname = 'c'\n")
    spans = [document.locate(("rules", index, "name")) for index in range(3)]
    assert [str(span) for span in spans] == [
        f"{tmp_path}/0.toml:2:8",
        f"{tmp_path}/1.toml:3:8",
        f"{tmp_path}/1.toml:5:8",
    ]


def test_the_origin_is_the_file_and_line_of_the_key_or_of_the_nearest_table_around_it(tmp_path: Path) -> None:
    document = a_document(tmp_path, "[breakers.a]\n", "[breakers.b]\ntimeout = '1s'\n")
    assert document.origin(("breakers", "b", "timeout")) == f"{tmp_path}/1.toml:2"
    assert document.origin(("breakers", "b", "failure_threshold")) == f"{tmp_path}/1.toml:1"
    assert document.origin(("nothing",)) == f"{tmp_path}/0.toml"


def test_a_file_is_parsed_again_only_when_a_place_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    document = merge([SourceFile("a.toml", "x = 1", {"x": 1})])[0]
    with monkeypatch.context() as patched:
        patched.setattr("policy_engine.policy.positions.Positions", None)
        assert document.data == {"x": 1}
    assert document.locate(("x",)) is not None
