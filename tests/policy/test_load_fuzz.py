"""Random and mutated policies: never a crash or a hang, and every finding lies inside its file."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.compile import check_layers
from policy_engine.policy.document import Document
from policy_engine.policy.files import SourceFile
from policy_engine.policy.render import as_json, as_text
from policy_engine.policy.syntax import Syntax

GOLDEN = Path(__file__).parents[1] / "golden" / "validate"
A_POLICY = (GOLDEN / "broken.toml").read_text("utf-8")
A_VALID_POLICY = re.sub(r"extends = .*", "", (GOLDEN / "everything.toml").read_text("utf-8"))
SHARDS = st.sampled_from(
    [
        "[", "]", "[[", "]]", "{", "}", "=", ".", ",", '"', "'", '"""', "'''", "\\", "#", "\n", "\r\n", "\r", "\t", " ",
        "\ufeff", "é", "😀", "\x00", "nan", "inf", "1e999", "0x", "9" * 25, "1979-05-27", "07:32:00", "true",
        "[rules]", "[[rules]]", "[breakers.x]", "name = 'x'\n", "match", "kind = 'time'", "metric = 'errors'",
        "any = [", "a.b.c = 1\n", "'' = 1\n", '"\\u0000" = 1\n', "[a]\n[a]\n",
        "category = 'UNKNOWN'\n", "regex = '('\n",
    ]
)  # fmt: skip
MESSY = settings(max_examples=200, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])

keys = st.text(max_size=6) | st.sampled_from(
    [
        "rules",
        "name",
        "match",
        "category",
        "breakers",
        "window",
        "kind",
        "size",
        "when",
        "metric",
        "steps",
        "any",
        "not",
    ]
)
scalars = (
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.times() | st.datetimes()
    | st.sampled_from(["time", "errors", "1m", "x", "UNKNOWN"])
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
tables = st.dictionaries(keys, values, max_size=5)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = A_POLICY
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(SHARDS | st.just("")) + text[end:]
    return text


@st.composite
def varied(draw: st.DrawFn) -> str:
    """A valid policy with other numbers in some places; most are valid too."""
    text = A_VALID_POLICY
    for _ in range(draw(st.integers(1, 8))):
        places = list(re.finditer(r"\b[0-9]+(?:\.[0-9]+)?", text))
        place = draw(st.sampled_from(places))
        other = draw(st.integers(0, 120).map(str) | st.sampled_from(["0.5", "1.0", "1000000"]))
        text = text[: place.start()] + other + text[place.end() :]
    return text


def check(content: bytes, folder: Path) -> None:
    file = folder / "policy.toml"
    file.write_bytes(content)
    checked = check_layers([[file]], run_plugins=False, advice=True)
    for diagnostic in checked.diagnostics:
        assert diagnostic.file == str(file)
        for span in (diagnostic.span, *(place.span for place in diagnostic.places)):
            if span is not None:
                assert_inside(span.line, span.column, checked.sources[span.file])
                assert_inside(span.end_line, span.end_column, checked.sources[span.file])
                assert (span.line, span.column) <= (span.end_line, span.end_column)
    as_text(checked.diagnostics, checked.sources)
    as_json(checked.diagnostics)


def assert_inside(line: int, column: int, text: str) -> None:
    lines = text.split("\n")
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1


@MESSY
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    check(content, tmp_path)


@MESSY
@given(st.lists(SHARDS, max_size=40).map("".join))
def test_any_pieces_of_toml_are_read_or_refused(tmp_path: Path, text: str) -> None:
    check(text.encode(), tmp_path)


@MESSY
@given(mutated())
def test_a_mutated_policy_is_read_or_refused(tmp_path: Path, text: str) -> None:
    check(text.encode(), tmp_path)


@MESSY
@given(varied())
def test_a_policy_with_other_numbers_is_taken_or_refused(tmp_path: Path, text: str) -> None:
    check(text.encode(), tmp_path)


@MESSY
@given(tables)
def test_any_data_in_valid_toml_is_checked(tmp_path: Path, data: dict[str, Any]) -> None:
    check(tomli_w.dumps(data).encode(), tmp_path)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if path:
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from paths(item, (*path, key))


def assert_every_path_is_found(text: str) -> None:
    data = tomllib.loads(text)
    document = Document(data, (SourceFile("a.toml", text, data),))
    lines = text.split("\n")
    for path, value in paths(data):
        span = document.locate(path)
        assert span is not None, path
        if not isinstance(value, dict | list) and span.line == span.end_line:
            written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
            assert repr(tomllib.loads(f"x = {written}")["x"]) == repr(value)


@MESSY
@given(tables)
def test_every_path_is_found_and_a_scalar_is_read_back_from_its_place(data: dict[str, Any]) -> None:
    assert_every_path_is_found(tomli_w.dumps(data))


@MESSY
@given(mutated() | st.lists(SHARDS, max_size=12).map("".join))
def test_every_path_is_found_however_it_is_written(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert_every_path_is_found(text)


@pytest.mark.parametrize("text", ["[[a]]\n" * 50_000, "a\n" * 50_000, "a = [{" * 30_000, "'''" * 50_000, "a=" * 50_000])
def test_a_tree_of_a_large_bad_file_is_there_soon(text: str) -> None:
    assert Syntax("a.toml", text).root is not None
