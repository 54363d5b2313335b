"""Findings as text and as JSON."""

import json

import pytest

from policy_engine.policy.diagnostics import Diagnostic, Place, Span, failed, finding, ordered
from policy_engine.policy.render import as_json, as_text


def a_finding(span: Span | None, **more: object) -> Diagnostic:
    return finding("PE203", 'unknown category "NETWROK"', span=span, file="a.toml", **more)  # type: ignore[arg-type]


def test_a_finding_shows_its_line_a_mark_and_what_to_do() -> None:
    text = '[[rules]]\ncategory = "NETWROK"\n'
    found = a_finding(Span("a.toml", 2, 12, 2, 21), help='did you mean "NETWORK"?')
    assert as_text([found], {"a.toml": text}) == (
        'a.toml:2:12: error PE203 unknown-category: unknown category "NETWROK"\n'
        "  |\n"
        '2 | category = "NETWROK"\n'
        "  |            ^^^^^^^^^\n"
        '  = help: did you mean "NETWORK"?'
    )


def test_another_place_is_shown_with_its_own_line() -> None:
    found = finding(
        "PE108",
        "x is defined twice",
        span=Span("b.toml", 10, 1, 10, 2),
        places=(Place(Span("a.toml", 1, 2, 1, 3), "first defined here"),),
    )
    assert as_text([found], {"a.toml": "[x]\n", "b.toml": "\n" * 9 + "x = 1"}) == (
        "b.toml:10:1: error PE108 defined-twice: x is defined twice\n"
        "   |\n"
        "10 | x = 1\n"
        "   | ^\n"
        "  ::: a.toml:1:2: first defined here\n"
        "   |\n"
        " 1 | [x]\n"
        "   |  -"
    )


def mark_of(line: str, column: int, end: int, end_line: int = 1) -> tuple[str, str]:
    shown = as_text([a_finding(Span("a.toml", 1, column, end_line, end))], {"a.toml": line + "\n}"}).split("\n")
    return shown[2][4:], shown[3][4:]


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "mark"),
    [
        ("\tx\t= 1", 2, 3, "    x    = 1", "    ^"),
        ("x\t= 1", 2, 3, "x    = 1", " ^^^^"),
        ('x = "漢字"', 5, 9, 'x = "漢字"', "    ^^^^^^"),
        ('"漢字" = 1', 8, 9, '"漢字" = 1', "         ^"),
        ("x = 'e\u0301'", 5, 9, "x = 'e\u0301'", "    ^^^"),
        ("x = ", 5, 5, "x =", "    ^"),
        ("x = 1\r", 5, 6, "x = 1", "    ^"),
        ("x = '\x1b[31m\u202e'", 5, 12, "x = '\ufffd[31m\ufffd'", "    ^^^^^^^"),
    ],
)
def test_the_mark_stands_under_what_it_means(line: str, column: int, end: int, shown: str, mark: str) -> None:
    assert mark_of(line, column, end) == (shown, mark)


def test_of_several_lines_the_first_is_shown_and_marked_to_its_end() -> None:
    assert mark_of("x = [1, # one", 5, 2, end_line=2) == ("x = [1, # one", "    ^^^^^^^^^")


@pytest.mark.parametrize("column", [1, 50, 500, 4990])
def test_a_long_line_is_cut_around_the_mark(column: int) -> None:
    line = "".join(f"{number:04d}," for number in range(1000))
    shown, mark = mark_of(line, column, column + 4)
    assert len(shown) < 200
    start = len(mark) - len(mark.lstrip())
    assert shown[start : start + 4] == line[column - 1 : column + 3]


def test_a_mark_is_cut_with_its_line() -> None:
    shown, mark = mark_of("x" * 5000, 1, 5000)
    assert len(mark) <= len(shown) < 200


def test_a_finding_without_a_place_or_a_source_is_one_line() -> None:
    assert as_text([a_finding(None)], {}).count("\n") == 0
    assert as_text([a_finding(Span("a.toml", 1, 1, 1, 2))], {}).count("\n") == 0
    assert as_text([a_finding(Span("a.toml", 9, 1, 9, 2))], {"a.toml": "x"}).count("\n") == 0


def test_what_a_file_holds_cannot_command_the_terminal() -> None:
    found = finding("PE111", 'unknown key "\x1b[2J"', span=Span("\x1b.toml", 1, 1, 1, 2), help="\x1b")
    assert "\x1b" not in as_text([found], {"\x1b.toml": "\x1b\x9b31m"})


def test_colour_is_only_there_when_asked_for() -> None:
    found = a_finding(Span("a.toml", 1, 1, 1, 2), help="h")
    assert "\x1b[" not in as_text([found], {"a.toml": "x"})
    assert "\x1b[1;31merror PE203" in as_text([found], {"a.toml": "x"}, colour=True)


def test_json_has_places_from_1_or_null() -> None:
    found = [a_finding(Span("a.toml", 2, 12, 2, 21), help="h"), a_finding(None)]
    assert json.loads(as_json(found)) == {
        "diagnostics": [
            {
                "code": "PE203",
                "severity": "error",
                "message": 'unknown category "NETWROK"',
                "file": "a.toml",
                "line": 2,
                "column": 12,
                "end_line": 2,
                "end_column": 21,
                "help": "h",
            },
            {
                "code": "PE203",
                "severity": "error",
                "message": 'unknown category "NETWROK"',
                "file": "a.toml",
                "line": None,
                "column": None,
                "end_line": None,
                "end_column": None,
                "help": None,
            },
        ]
    }


def test_findings_are_ordered_by_place_and_each_told_once() -> None:
    spans = [Span("b", 1, 1, 1, 2), Span("a", 2, 1, 2, 2), Span("a", 1, 9, 1, 10), Span("a", 1, 9, 1, 10)]
    assert [each.span for each in ordered(map(a_finding, spans))] == [spans[2], spans[1], spans[0]]


def test_warnings_fail_only_where_they_are_asked_to() -> None:
    warning = Diagnostic("PE203", "warning", "m", "a", None)
    assert not failed([warning])
    assert failed([warning], strict=True)
    assert failed([warning, a_finding(None)])
    assert not failed([], strict=True)


def test_a_finding_is_one_line_as_a_string() -> None:
    found = a_finding(Span("a.toml", 2, 12, 2, 21), help="h")
    assert str(found) == 'a.toml:2:12: error PE203 unknown-category: unknown category "NETWROK" (h)'
