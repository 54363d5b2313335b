"""Patterns that RE2 refuses: why, and where."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

RULE = "[[rules]]\nname = 'r'\ncategory = 'UNKNOWN'\n"


@pytest.mark.parametrize(
    ("pattern", "why", "character"),
    [
        ("(?=b)", "RE2 cannot look ahead", 1),
        ("ab(?!c)", "RE2 cannot look ahead", 3),
        ("(?<=a)b", "RE2 cannot look behind", 1),
        ("é(?<!a)b", "RE2 cannot look behind", 2),
        (r"(a)\1", "RE2 cannot refer back to a group", 4),
        (r"\\(a)\2", "RE2 cannot refer back to a group", 6),
        ("(?P<x>a)(?P=x)", "RE2 cannot refer back to a group", 9),
        (r"(?P<x>a)\k<x>", "RE2 cannot refer back to a group", 9),
        ("(?>a)", "RE2 has no possessive or atomic groups", 1),
        ("a++", "RE2 has no possessive or atomic groups", 2),
        ("x(?#c)", "RE2 has no comments", 2),
        ("(?x) a", "RE2 does not know this group or flag", 1),
        (r"a\Z", "RE2 does not know this escape", 2),
        (r"\u00e9", "RE2 does not know this escape", 1),
        (r"\p{Nothing}", "RE2 does not know this class of characters", 1),
        ("a**", "this repeats a repetition", 2),
        ("*a", "there is nothing to repeat", 1),
        ("a{2000}", "this repeats too often, or the wrong way round", 2),
        ("(a", "this group is not closed", 1),
        ("a(b(c)", "this group is not closed", 2),
        ("a)", "this closes no group", 2),
        ("(a))[)]", "this closes no group", 4),
        ("a[b", "this class of characters is not closed", 2),
        ("[()](", "this group is not closed", 5),
        ("[(?=]x(?=y)", "RE2 cannot look ahead", 7),
        ("z-a[z-a]", "this range of characters is none", 5),
        ("[z-a]", "this range of characters is none", 2),
        ("[[:nothing:]]", "this range of characters is none", 2),
    ],
)
def test_a_refused_pattern_is_explained_with_its_place_in_the_pattern(
    pattern: str, why: str, character: int, tmp_path: Path
) -> None:
    (finding,) = findings(f"{RULE}match.message.regex = '{pattern}'\n", tmp_path)
    assert finding.code == "PE301"
    assert finding.message.startswith(f"{why}, at character {character} of the pattern: ")
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (4, len("match.message.regex = '") + character)
    assert finding.span.end_column - finding.span.column <= len(pattern)


@pytest.mark.parametrize(
    "written",
    ['«"a\\tb("»', "«'''a('''»", "«'''\na('''»", "'a«(»'", '"a«(»"'],
)
def test_the_place_in_the_pattern_is_shown_where_it_is_written_as_it_is(written: str, tmp_path: Path) -> None:
    assert the_finding(f"{RULE}match.message.regex = {written}\n", tmp_path).code == "PE301"


@pytest.mark.parametrize(
    "match",
    [
        "message.regex = ['ok', '«(»']",
        "exception_name.regex = '«(»'",
        "cause.message.regex = '«(»'",
        "cause.attributes.a.regex = '«(»'",
        "attributes.a.regex = '«(»'",
        "attributes.regex.regex = '«(»'",
        "context.a.regex = '«(»'",
        "module.regex = '«(»'",
        "any = [{ all = [{ not.message.regex = '«(»' }] }]",
    ],
)
def test_a_pattern_is_found_wherever_a_match_table_may_have_one(match: str, tmp_path: Path) -> None:
    assert the_finding(f"{RULE}match.{match}\n", tmp_path).code == "PE301"


def test_a_pattern_in_a_condition_is_found(tmp_path: Path) -> None:
    adjust = "[[severity.adjust]]\nname = 'a'\nraise_to = 'HIGH'\n"
    when = "when = { metric = 'errors', window = '1m', above = 1, module.regex = '«(»' }\n"
    assert the_finding(adjust + when, tmp_path).code == "PE301"


def test_a_value_that_is_named_regex_is_no_pattern(tmp_path: Path) -> None:
    assert findings(f"{RULE}match.attributes.regex = '('\n", tmp_path) == ()


@pytest.mark.parametrize("pattern", [r"connection (reset|aborted) by peer", r"(?-i:ORA)-\d{5}", r"\bfoo\b", r"[\]]"])
def test_what_re2_takes_is_taken(pattern: str, tmp_path: Path) -> None:
    assert findings(f"{RULE}match.message.regex = '{pattern}'\n", tmp_path) == ()
