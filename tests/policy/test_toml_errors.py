"""What is said of a file that is no TOML: one finding, at the exact place."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

from policy_engine.policy import load


@pytest.mark.parametrize(
    "text",
    [
        "recovery_timeout = 30«s»\n",
        'name = "é" «x»\n',
        "x =«»\n",
        "«=» 1\n",
        "[a«»\n",
        "[[a«]»\n",
        'x = "open«»\n',
        "x = 'open\n«»",
        'x = """open\n«»',
        "x = «[»1,\n2\ny = 3",
        'x = "«\\»q"',
        'x = "a«\x01»b"',
        "x = 1«»\r",
        "x = «2»026-02-30\n",
        "\tx = 1 «y» = 2\r\n",
        "x «y» = 1\n",
        "x = «[»1, 2",
        "x = 0«7»\n",
    ],
)
def test_a_syntax_error_is_found_where_it_is(text: str, tmp_path: Path) -> None:
    assert the_finding(text, tmp_path).code == "PE101"


@pytest.mark.parametrize(
    ("text", "name", "first_line"),
    [
        ("a = 1\nb = 2\n«a» = 3\n", "a", 1),
        ("[a]\n[«a»]\n", "a", 1),
        ("a.b = 1\n«a» = 2", "a", 1),
        ("a.b = 1\na.«b» = 2", "a.b", 1),
        ("[a]\nb = 1\n[a.«b»]\n", "a.b", 2),
        ("[[a]]\n[«a»]\n", "a", 1),
        ("a = {x = 1}\n[«a».y]\n", "a", 1),
        ("a = {x = 1}\n«a».y = 1\n", "a", 1),
        ("a = {x = 1, «x» = 2}\n", "x", 1),
        ("a = [{x = 1}, {y = {z.w = 1, «z» = 2}}]", "z", 1),
        ("[a.b]\n[a]\n«b».c = 1", "a.b", 1),
        ("a = []\n[[«a»]]\n", "a", 1),
        ("a.b = 1\n[«a»]\n", "a", 1),
        ("\"a\" = 1\n«'a'» = 2\n", "a", 1),
        ("[[rules]]\nname = 'a'\n[[rules]]\nname = 'b'\n«name» = 'c'\n", "rules.name", 4),
        ("[[rules]]\nmatch.a = 1\n[[rules]]\nmatch.a = 1\n[rules.«match»]\n", "rules.match", 4),
        ("# é\n\tä = 1\n", None, 0),
        ('"ä" = 1\r\n\t"ö" = "😀"\r\n\t«"ä"» = 2\r\n', "ä", 1),
        ("a = 1\na.«b»", None, 0),
    ],
)
def test_a_key_defined_twice_is_found_at_the_second_and_names_the_first(
    text: str, name: str | None, first_line: int, tmp_path: Path
) -> None:
    if name is None:
        assert [each.code for each in findings(text.replace("«", "").replace("»", ""), tmp_path)] == ["PE101"]
        return
    finding = the_finding(text, tmp_path)
    assert finding.code == "PE102"
    assert finding.message == f'"{name}" is defined twice: first on line {first_line}'
    assert [place.span.line for place in finding.places] == [first_line]


def test_bytes_that_are_not_utf_8_are_found_where_they_are(tmp_path: Path) -> None:
    (finding,) = findings('[a]\nb = "ä'.encode() + b'\xe9"\n', tmp_path)
    assert finding.code == "PE103"
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 7)


def test_one_byte_order_mark_is_stripped_and_counts_as_no_column(tmp_path: Path) -> None:
    (finding,) = findings(b"\xef\xbb\xbfx = \n", tmp_path)
    assert finding.span is not None
    assert (finding.code, finding.span.line, finding.span.column) == ("PE101", 1, 5)
    assert [each.code for each in findings(b"\xef\xbb\xbf\xef\xbb\xbf[categories.A]\n", tmp_path)] == ["PE101"]


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "[" * 200 + "]" * 200,
        "x = " + "{a = " * 300 + "1" + "}" * 300,
        "x" + ".a" * 300_000 + " = 1",
        "[x" + " . a" * 100_000 + "]",
        'x = 1\n"a"' + '."a"' * 100_000 + " = 1",
    ],
    ids=lambda text: text[:12],
)
def test_deep_nesting_is_a_finding_and_never_a_crash_or_a_hang(text: str, tmp_path: Path) -> None:
    # poetry, tomlkit#459; and dotted keys, on which tomllib itself takes the square of their length.
    (finding,) = findings(text, tmp_path)
    assert finding.code == "PE104"
    assert finding.span is not None


@pytest.mark.parametrize(
    "text",
    ["# " + "a." * 5000, "x = '" + "a." * 5000 + "'", 'x = """\n' + "[" * 500 + '"""', 'x = "' + "{" * 500 + '"'],
)
def test_what_only_looks_deep_is_read(text: str, tmp_path: Path) -> None:
    assert "PE104" not in [each.code for each in findings(text, tmp_path)]


@pytest.mark.parametrize("digits", ["9" * 5000, "0x" + "f" * 5000, "-" + "1" * 5000, "0b" + "1" * 20_000])
def test_an_integer_of_thousands_of_digits_is_a_finding(digits: str, tmp_path: Path) -> None:
    (finding,) = findings(f"[bounds]\nqueue = {digits}\n", tmp_path)
    assert finding.code == "PE119"
    assert finding.span is not None
    assert finding.span.line == 2


def test_a_document_is_not_given_for_a_file_that_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("x =")
    result = load([tmp_path / "a.toml"])
    assert (result.document, result.draft) == (None, None)
