"""Many files, one policy."""

from pathlib import Path

import pytest

from policy_engine.policy import Diagnostic, Document, load

TRIGGER = "when = { metric = 'open_breakers', at_least = 1 }\nlevel = 'minimal'\n"


def loaded(folder: Path, *texts: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_text(text)
    result = load([folder])
    return result.draft, result.diagnostics


def test_any_file_may_hold_any_section(tmp_path: Path) -> None:
    document, findings = loaded(
        tmp_path,
        "schema_version = 1\nplugins = ['a']\n[breakers.a]\ntimeout = '1s'\n[bounds]\nqueue = 5\n",
        "schema_version = 1\nplugins = ['b']\n[breakers.b]\ntimeout = '2s'\n[bounds]\nhistory = 6\n",
    )
    assert findings == ()
    assert document is not None
    assert document.data == {
        "schema_version": 1,
        "plugins": ["a", "b"],
        "breakers": {"a": {"timeout": "1s"}, "b": {"timeout": "2s"}},
        "bounds": {"queue": 5, "history": 6},
    }


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_list_written_as_a_table_is_told_in_its_own_file_alone(tmp_path: Path, wrong: int) -> None:
    rule = "[[rules]]\nname = '{}'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"
    texts = [rule.format(name) for name in "abc"]
    texts[wrong] = texts[wrong].replace("[[rules]]", "[rules]")
    _, findings = loaded(tmp_path, *texts)
    assert [(finding.code, Path(finding.file).name) for finding in findings] == [("PE113", f"{wrong}.toml")]
    assert findings[0].help == "write [[rules]], in double brackets"


def test_rules_follow_each_other_in_file_order(tmp_path: Path) -> None:
    rule = "[[rules]]\nname = '{}'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"
    document, findings = loaded(tmp_path, rule.format("a") + rule.format("b"), rule.format("c"))
    assert findings == ()
    assert document is not None
    assert [table["name"] for table in document.data["rules"]] == ["a", "b", "c"]


def test_merging_changes_no_file(tmp_path: Path) -> None:
    document, _ = loaded(tmp_path, "[[rules]]\n[breakers.a]\n", "[[rules]]\n[breakers.b]\n")
    assert document is not None
    assert document.files[0].data == {"rules": [{}], "breakers": {"a": {}}}


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ("[categories.A]\n", "\n[categories.A]\n", 'the category "A"'),
        ("[breakers.x]\ntimeout = '1s'\n", "\n[breakers.x]\nfailure_threshold = 2\n", 'the breaker "x"'),
        ("[calls.x]\n", "\n[calls.x]\n", 'the call "x"'),
        ("[degradation.functions.f]\n", "\n[degradation.functions.f]\n", 'the function "f"'),
        ("[alerts.channels.c]\nkind = 'log'\n", "\n[alerts.channels.c]\nkind = 'log'\n", 'the channel "c"'),
        ("[bounds]\nqueue = 1\n", "[bounds]\nqueue = 1\n", '"bounds.queue"'),
        ("degradation.levels = ['a']\n", "\ndegradation.levels = ['b']\n", '"degradation.levels"'),
        ("privacy.fields = ['a']\n", "\nprivacy.fields = ['b']\n", '"privacy.fields"'),
    ],
)
def test_what_two_files_define_is_one_finding_that_shows_both_places(
    first: str, second: str, what: str, tmp_path: Path
) -> None:
    _, (finding,) = loaded(tmp_path, first, second)
    assert finding.code == "PE108"
    line = 1 if first.count("\n") == 1 or "[bounds]" not in first else 2
    assert finding.message == f"{what} is defined twice: first in {tmp_path}/0.toml, line {line}"
    assert finding.span is not None
    assert (finding.span.file, finding.span.line) == (f"{tmp_path}/1.toml", 2)
    assert [place.span.file for place in finding.places] == [f"{tmp_path}/0.toml"]


@pytest.mark.parametrize(
    ("section", "kind", "rest"),
    [
        ("rules", "rule", "match.exception = 'OSError'\ncategory = 'UNKNOWN'\n"),
        ("severity.adjust", "adjustment", "raise_to = 'HIGH'\n"),
        ("degradation.triggers", "trigger", TRIGGER),
        ("recovery.strategies", "strategy", "match.exception = 'OSError'\nsteps = [{ action = 'wait', for = '1s' }]\n"),
        ("alerts.routes", "route", "channel = 'ops'\n"),
    ],
)
@pytest.mark.parametrize("files", [1, 2])
def test_a_name_in_a_list_is_defined_once_in_one_file_and_across_files(
    section: str, kind: str, rest: str, files: int, tmp_path: Path
) -> None:
    table = f"[[{section}]]\nname = 'same'\n{rest}"
    _, findings = loaded(tmp_path, *([table, table] if files == 2 else [table + table]))
    (finding,) = findings
    assert finding.code == "PE108"
    assert finding.message.startswith(f'the {kind} "same" is defined twice: first in {tmp_path}/0.toml, line 2')


def test_a_name_defined_three_times_is_two_findings_against_the_first(tmp_path: Path) -> None:
    _, findings = loaded(tmp_path, *["[categories.A]\n"] * 3)
    assert [each.file for each in findings] == [f"{tmp_path}/1.toml", f"{tmp_path}/2.toml"]
    assert {place.span.file for each in findings for place in each.places} == {f"{tmp_path}/0.toml"}


def test_schema_versions_that_differ_are_found(tmp_path: Path) -> None:
    _, findings = loaded(tmp_path, "schema_version = 1\n", "schema_version = 2\n")
    assert [each.code for each in findings] == ["PE108"]


def test_a_section_that_is_a_table_here_and_a_value_there_is_found(tmp_path: Path) -> None:
    _, findings = loaded(tmp_path, "[breakers.x]\n", "breakers = 1\n")
    assert [each.code for each in findings] == ["PE108"]
