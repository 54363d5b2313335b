"""Layers: a later one changes, removes and places what it names; all places stay those of the winning file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policy_engine import Engine, VirtualClock, load_policy_layers
from policy_engine.compile import check_layers
from policy_engine.policy import Document, LoadResult, load, load_layers
from policy_engine.policy.shipped import policies_path

RULE = "[[rules]]\nname = '{}'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        file = folder / name.replace("__", "/")
        file = file.with_name(f"{file.name}.toml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def laid(folder: Path, *texts: str) -> LoadResult:
    """The policy of one layer for each text."""
    written(folder, **{f"layer{number}": text for number, text in enumerate(texts)})
    return load_layers([[folder / f"layer{number}.toml"] for number in range(len(texts))])


def document(result: LoadResult) -> Document:
    assert result.diagnostics == ()
    assert result.document is not None
    return result.document


def names(data: dict[str, Any]) -> list[str]:
    return [rule["name"] for rule in data["rules"]]


def place(found: Document, *path: str | int, key: bool = False) -> str:
    span = found.locate(path, key=key)
    assert span is not None
    return f"{Path(span.file).name}:{span.line}:{span.column}"


def test_an_entry_of_a_later_layer_changes_the_keys_that_it_gives(tmp_path: Path) -> None:
    policy = document(
        laid(
            tmp_path,
            "[breakers.api]\nfailure_threshold = 3\nhalf_open = { permits = 2, lease = '5s' }\ntimeout = '9s'\n",
            "[breakers.api]\nfailure_threshold = 30\nhalf_open = { permits = 4 }\n[breakers.db]\ntimeout = '1s'\n",
        )
    )
    assert policy.data["breakers"] == {
        "api": {"failure_threshold": 30, "half_open": {"permits": 4}, "timeout": "9s"},
        "db": {"timeout": "1s"},
    }


def test_every_place_is_that_of_the_layer_that_won(tmp_path: Path) -> None:
    policy = document(
        laid(
            tmp_path,
            RULE.format("first") + RULE.format("second") + "[bounds]\nqueue = 1\nhistory = 2\n",
            "[bounds]\nhistory = 5\n[[rules]]\nname = 'second'\ntags = ['slow']\n",
        )
    )
    assert place(policy, "rules", 1, "tags") == "layer1.toml:5:8"
    assert place(policy, "rules", 1, "category") == "layer0.toml:8:12"
    assert place(policy, "rules", 1, "name") == "layer1.toml:4:8"
    assert place(policy, "rules", 0, "category") == "layer0.toml:4:12"
    assert place(policy, "bounds", "history") == "layer1.toml:2:11"
    assert place(policy, "bounds", "queue") == "layer0.toml:10:9"
    assert policy.origin(("rules", 1)) == f"{tmp_path}/layer1.toml:3"


def test_a_finding_points_into_the_layer_that_is_wrong(tmp_path: Path) -> None:
    result = laid(tmp_path, RULE.format("a"), "\n[[rules]]\nname = 'a'\ncategory = 'NONE'\nseverity = 'UP'\n")
    assert result.document is None
    (wrong,) = result.diagnostics
    assert str(wrong.span) == f"{tmp_path}/layer1.toml:5:12"
    found = check_layers([[tmp_path / "layer0.toml"], [tmp_path / "layer1.toml"]]).diagnostics
    assert [(each.code, str(each.span)) for each in found] == [
        ("PE203", f"{tmp_path}/layer1.toml:4:12"),
        ("PE114", f"{tmp_path}/layer1.toml:5:12"),
    ]


def test_within_one_layer_a_name_twice_stays_an_error(tmp_path: Path) -> None:
    written(tmp_path, base__a=RULE.format("a"), over__a=RULE.format("a"), over__b=RULE.format("a"))
    result = load_layers([[tmp_path / "base"], [tmp_path / "over"]])
    (twice,) = result.diagnostics
    assert (twice.code, Path(twice.file).name) == ("PE108", "b.toml")
    assert load([tmp_path / "base", tmp_path / "over" / "a.toml"]).diagnostics[0].code == "PE108"


def test_an_entry_is_removed_by_a_later_layer_and_brought_back_by_one_after(tmp_path: Path) -> None:
    base = RULE.format("a") + RULE.format("b") + RULE.format("c") + "[alerts.channels.ops]\nkind = 'log'\n"
    off = "[alerts.channels.ops]\nenabled = false\n[[rules]]\nname = 'b'\nenabled = false\n"
    policy = document(laid(tmp_path, base, off))
    assert names(policy.data) == ["a", "c"]
    assert policy.data["alerts"] == {}
    assert place(policy, "rules", 1, "name") == "layer0.toml:10:8"
    policy = document(laid(tmp_path, base, off, "[[rules]]\nname = 'b'\nenabled = true\n"))
    assert names(policy.data) == ["a", "b", "c"]
    assert "enabled" not in policy.data["rules"][1]


def test_an_entry_can_be_switched_off_where_it_is_defined_and_is_still_checked(tmp_path: Path) -> None:
    policy = document(laid(tmp_path, RULE.format("a") + "enabled = false\n" + RULE.format("b")))
    assert names(policy.data) == ["b"]
    result = laid(tmp_path, RULE.format("a") + "enabled = false\nseverity = 'UP'\n")
    assert [each.code for each in result.diagnostics] == ["PE114"]


def test_what_uses_a_removed_entry_is_found(tmp_path: Path) -> None:
    base = "[categories.DATABASE]\n[[rules]]\nname = 'a'\nmatch.exception = 'OSError'\ncategory = 'DATABASE'\n"
    written(tmp_path, base=base, over="[categories.DATABASE]\nenabled = false\n")
    (found,) = check_layers([[tmp_path / "base.toml"], [tmp_path / "over.toml"]]).diagnostics
    assert (found.code, str(found.span)) == ("PE203", f"{tmp_path}/base.toml:5:12")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[[rules]]\nname = 'z'\nenabled = false\n", "3:11"),
        ("[breakers.z]\nenabled = false\n", "2:11"),
        ("degradation.functions.z.enabled = false\n", "1:35"),
    ],
)
def test_switching_off_what_is_not_there_is_a_finding(text: str, at: str, tmp_path: Path) -> None:
    (found,) = laid(tmp_path, RULE.format("a"), text).diagnostics
    assert (found.code, str(found.span)) == ("PE701", f"{tmp_path}/layer1.toml:{at}")


def test_new_rules_come_first_or_where_they_are_placed(tmp_path: Path) -> None:
    base = RULE.format("a") + RULE.format("b")
    over = RULE.format("first") + RULE.format("x") + "before = 'b'\n" + RULE.format("y") + "after = 'x'\n"
    over += "[[rules]]\nname = 'a'\nafter = 'y'\n"
    policy = document(laid(tmp_path, base, over))
    assert names(policy.data) == ["first", "x", "y", "a", "b"]
    assert place(policy, "rules", 1, "name") == "layer1.toml:6:8"
    assert policy.data["rules"][1] == {"name": "x", "match": {"exception": "OSError"}, "category": "UNKNOWN"}


def test_new_strategies_come_first_and_adjustments_last_so_that_the_later_layer_has_the_say(tmp_path: Path) -> None:
    layer = (
        "[[severity.adjust]]\nname = '{0}'\nraise_to = 'HIGH'\n[[recovery.strategies]]\nname = '{0}'\n"
        "match.category = 'UNKNOWN'\nsteps = [{{ action = 'wait', for = '1s' }}]\n"
    )
    policy = document(laid(tmp_path, layer.format("below"), layer.format("above")))
    assert [each["name"] for each in policy.data["severity"]["adjust"]] == ["below", "above"]
    assert [each["name"] for each in policy.data["recovery"]["strategies"]] == ["above", "below"]


def test_the_shipped_policy_can_be_extended_from_anywhere(tmp_path: Path) -> None:
    shipped = load([policies_path()]).document
    assert shipped is not None
    written(tmp_path, a="extends = ['@shipped']\n" + RULE.format("mine"))
    policy = document(load([tmp_path / "a.toml"]))
    assert names(policy.data) == ["mine", *names(shipped.data)]


def test_a_later_place_replaces_an_earlier_one(tmp_path: Path) -> None:
    base = RULE.format("a") + RULE.format("b") + RULE.format("c") + "before = 'b'\n"
    policy = document(laid(tmp_path, base, "[[rules]]\nname = 'c'\nafter = 'b'\n"))
    assert names(policy.data) == ["a", "b", "c"]


@pytest.mark.parametrize("neighbour", ["nobody", "x"])
def test_a_place_beside_what_is_not_there_is_a_finding(neighbour: str, tmp_path: Path) -> None:
    (found,) = laid(tmp_path, RULE.format("a"), RULE.format("x") + f"after = '{neighbour}'\n").diagnostics
    assert (found.code, str(found.span)) == ("PE702", f"{tmp_path}/layer1.toml:5:9")


def test_two_places_at_once_are_a_finding(tmp_path: Path) -> None:
    both = RULE.format("x") + "after = 'a'\nbefore = 'b'\n"
    (found,) = laid(tmp_path, RULE.format("a") + RULE.format("b"), both).diagnostics
    assert found.code == "PE115"


def test_plain_tables_merge_and_lists_are_replaced(tmp_path: Path) -> None:
    policy = document(
        laid(
            tmp_path,
            "[bounds]\nqueue = 1\n[privacy]\nfields = ['a', 'b', 'c']\n[degradation.flap_limit]\nhold = '1m'\n",
            "privacy.fields = ['d']\n[degradation]\nlevels = ['good', 'bad']\nflap_limit.within = '2h'\n",
        )
    )
    assert policy.data["privacy"] == {"fields": ["d"]}
    assert place(policy, "privacy", "fields", 0) == "layer1.toml:1:19"
    assert policy.data["degradation"] == {"levels": ["good", "bad"], "flap_limit": {"hold": "1m", "within": "2h"}}
    assert policy.data["bounds"] == {"queue": 1}


def test_triggers_of_a_component_can_be_switched_off(tmp_path: Path) -> None:
    trigger = "[[degradation.components.charts.triggers]]\nname = '{}'\nlevel = 'minimal'\nenabled = {}\n"
    trigger += "when = {{ metric = 'errors', window = '1m', above = 5 }}\n"
    policy = document(laid(tmp_path, trigger.format("a", "false") + trigger.format("b", "true")))
    (left,) = policy.data["degradation"]["components"]["charts"]["triggers"]
    assert left["name"] == "b"
    assert "enabled" not in left
    assert place(policy, "degradation", "components", "charts", "triggers", 0, "name") == "layer0.toml:7:8"


def test_the_plugins_of_all_layers_are_there_and_files_are_found_from_their_own_layer(tmp_path: Path) -> None:
    written(tmp_path, base__a="plugins = ['one', './mine.py']\n", over__a="plugins = ['two', 'one']\n")
    policy = document(load_layers([[tmp_path / "base"], [tmp_path / "over"]]))
    assert policy.data["plugins"] == ["one", str(tmp_path / "base" / "mine.py"), "two"]
    span = policy.locate(("plugins", 2))
    assert span is not None
    assert (span.file, span.column) == (f"{tmp_path}/over/a.toml", 12)


# extends


def test_what_a_file_extends_lies_below_its_layer(tmp_path: Path) -> None:
    written(
        tmp_path,
        common__a=RULE.format("a") + "severity = 'LOW'\n",
        base__b="extends = ['../common']\n" + RULE.format("b"),
        production__c="extends = ['../base']\n[[rules]]\nname = 'a'\nseverity = 'HIGH'\n",
    )
    result = load([tmp_path / "production"])
    policy = document(result)
    assert [(rule["name"], rule.get("severity")) for rule in policy.data["rules"]] == [("b", None), ("a", "HIGH")]
    assert "extends" not in policy.data
    assert [Path(path).resolve().name for path in result.paths] == ["common", "base", "production"]


def test_a_layer_that_two_extend_is_laid_once_below_both(tmp_path: Path) -> None:
    category = "[categories.A]\nseverity = '{}'\n"
    written(
        tmp_path,
        root=category.format("LOW"),
        left="extends = ['root.toml']\n" + category.format("HIGH"),
        right="extends = ['root.toml']\n",
        top="extends = ['left.toml', 'right.toml']\n",
    )
    assert document(load([tmp_path / "top.toml"])).data["categories"]["A"] == {"severity": "HIGH"}


@pytest.mark.parametrize("target", [".", "a.toml", "../one/b.toml"])
def test_a_layer_that_extends_itself_is_a_finding_at_the_path(target: str, tmp_path: Path) -> None:
    written(tmp_path, one__a=f"extends = ['{target}']\n", one__b=RULE.format("b") + "[bounds]\n")
    (found,) = load([tmp_path / "one"]).diagnostics
    assert (found.code, str(found.span)) == ("PE703", f"{tmp_path}/one/a.toml:1:12")


def test_layers_that_extend_each_other_are_a_finding(tmp_path: Path) -> None:
    written(tmp_path, a="extends = ['b.toml']\n" + RULE.format("a"), b="extends = ['a.toml']\n")
    assert [each.code for each in load([tmp_path / "a.toml"]).diagnostics] == ["PE703"]


def test_extending_what_is_not_there_is_a_finding_at_the_path(tmp_path: Path) -> None:
    written(tmp_path, a="extends = [\n  'missing',\n]\n" + RULE.format("a"))
    (found,) = load([tmp_path / "a.toml"]).diagnostics
    assert (found.code, str(found.span)) == ("PE105", f"{tmp_path}/a.toml:2:3")


@pytest.mark.parametrize("value", ["'base'", "[1]", "{ a = 1 }"])
def test_extends_of_another_kind_is_one_finding(value: str, tmp_path: Path) -> None:
    written(tmp_path, a=f"extends = {value}\n" + RULE.format("a"))
    assert [each.code for each in load([tmp_path / "a.toml"]).diagnostics] == ["PE113"]


# The engine


def test_an_engine_from_several_paths_runs_them_as_layers_and_reloads_them_so(tmp_path: Path) -> None:
    written(tmp_path, base=RULE.format("a"), over="[[rules]]\nname = 'a'\nseverity = 'HIGH'\n")
    engine = Engine.from_path(tmp_path / "base.toml", tmp_path / "over.toml", clock=VirtualClock())
    assert engine.handle(OSError()).severity == "HIGH"
    written(tmp_path, over="[[rules]]\nname = 'a'\nseverity = 'LOW'\n")
    assert engine.reload().current
    assert engine.handle(OSError()).severity == "LOW"


def test_all_files_of_all_layers_are_watched(tmp_path: Path) -> None:
    written(tmp_path, base__a=RULE.format("a"), over__b="extends = ['../base']\n" + RULE.format("b"))
    policy = load_policy_layers([tmp_path / "over"])
    assert {Path(path).resolve().name for path in policy.paths} == {"base", "over"}
