"""Two policies compared by what they mean: other words for the same are no change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.policy import Document, load
from policy_engine.simulate.diff import Change, compare_meaning

RULE = "[[rules]]\nname = '{}'\nmatch.exception = '{}'\ncategory = 'UNKNOWN'\n"


STRATEGY = "[[recovery.strategies]]\nname='a'\nmatch.category='UNKNOWN'\nsteps="


def policy(folder: Path, text: str) -> Document:
    file = folder / f"{len(list(folder.iterdir()))}.toml"
    file.write_text(text, "utf-8")
    document = load([file]).document
    assert document is not None, load([file]).diagnostics
    return document


def changes(folder: Path, old: str, new: str) -> list[Change]:
    return compare_meaning(policy(folder, old), policy(folder, new))


def rules(*names: str) -> str:
    return "".join(RULE.format(name, f"mod.{name.title()}Error") for name in names)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("calls.x.timeout = '60s'", "calls.x.timeout = '1m'"),
        ("calls.x.timeout = '250ms'", "calls.x.timeout = '0.25s'"),
        ("breakers.x.window = { kind = 'time', size = '60s' }", "breakers.x.window = { size = '1m', kind = 'time' }"),
        ("breakers.x = {}", "breakers.x = { failure_threshold = 5, recovery_timeout = '1m', mode = 'normal' }"),
        (
            "breakers.default.failure_threshold = 9\nbreakers.x = {}",
            "breakers.default.failure_threshold = 9\nbreakers.x.failure_threshold = 9",
        ),
        ("[bounds]\nqueue = 10000", "[bounds]"),
        ("[degradation]\nlevels = ['full', 'degraded', 'minimal', 'emergency']", "[degradation]"),
        ("categories.A.description = 'x'", "categories.A.description = 'y'"),
        ("[[rules]]\nname='a'\nmatch.exception='A'\ncategory='UNKNOWN'\ntags=['x','y']",
         "[[rules]]\nname='a'\nmatch.exception=['builtins.A']\ncategory='UNKNOWN'\ntags=['y','x']"),
        ("[[rules]]\nname='a'\nmatch.any=[{exception='A'},{message='b'}]\ncategory='UNKNOWN'",
         "[[rules]]\nname='a'\nmatch.any=[{message=['b']},{exception=['A']}]\ncategory='UNKNOWN'\nenforce=true"),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_no_change(old: str, new: str, tmp_path: Path) -> None:
    assert changes(tmp_path, old, new) == []
    assert changes(tmp_path, new, old) == []


@pytest.mark.parametrize(
    ("old", "new", "details"),
    [
        ("calls.x.timeout = '60s'", "calls.x.timeout = '61s'", [("timeout", '"60s"', '"61s"')]),
        (
            "calls.x.retry = { attempts = 2, deadline = '1m' }",
            "calls.x.retry = { attempts = 4, deadline = '60s' }",
            [("retry.attempts", "2", "4")],
        ),
        (
            "breakers.x = {}\nbreakers.default.minimum_calls = 3",
            "breakers.x = {}\nbreakers.default.minimum_calls = 4",
            [("minimum_calls", "3", "4"), ("minimum_calls", "3", "4")],
        ),
        ("breakers.x.enforce = false", "breakers.x = {}", [("enforce", "false", "")]),
        ("[bounds]\nqueue = 1", "[bounds]\nqueue = 2", [("", "1", "2")]),
        ("privacy.fields = ['a']", "privacy.fields = ['a', 'b']", [("", '["a"]', '["a", "b"]')]),
        (
            "[[rules]]\nname='a'\nmatch.message='60s'\ncategory='UNKNOWN'",
            "[[rules]]\nname='a'\nmatch.message='1m'\ncategory='UNKNOWN'",
            [("match.message", '"60s"', '"1m"')],
        ),
        (
            STRATEGY + "[{action='wait',for='1s'},{action='wait',for='2s'}]",
            STRATEGY + "[{action='wait',for='2s'},{action='wait',for='1s'}]",
            [
                (
                    "steps",
                    '[{ action = "wait", for = "1s" }, { action = "wait", for = "2s" }]',
                    '[{ action = "wait", for = "2s" }, { action = "wait", for = "1s" }]',
                )
            ],
        ),
    ],
)
def test_a_change_is_told_key_by_key(old: str, new: str, details: list[tuple[str, str, str]], tmp_path: Path) -> None:
    found = changes(tmp_path, old, new)
    assert [(each.key, each.before, each.after) for change in found for each in change.details] == details


def test_entries_are_added_removed_and_renamed(tmp_path: Path) -> None:
    found = changes(
        tmp_path,
        rules("a", "b") + "[breakers.x]\ntimeout='1s'\n[calls.c]\n",
        RULE.format("a", "mod.AError") + RULE.format("z", "mod.BError") + rules("new") + "[breakers.y]\ntimeout='2s'\n",
    )
    assert [(change.kind, change.what, change.name) for change in found] == [
        ("renamed", "rule", "z"),
        ("added", "rule", "new"),
        ("added", "breaker", "y"),
        ("removed", "breaker", "x"),
        ("removed", "call", "c"),
    ]
    assert found[0].former == "b"
    assert [Path(change.origin).name for change in found[:2]] == ["1.toml:5", "1.toml:9"]


def test_where_the_first_match_decides_an_order_is_a_meaning(tmp_path: Path) -> None:
    (moved,) = changes(tmp_path, rules("a", "b", "c", "d"), rules("d", "a", "b", "c"))
    assert (moved.kind, moved.name, moved.note) == ("moved", "d", 'now before "a"')
    (last,) = changes(tmp_path, rules("a", "b", "c"), rules("b", "c", "a"))
    assert (last.name, last.note) == ("a", "now the last one")
    route = "[[alerts.routes]]\nname = '{}'\nchannel = 'ops'\n"
    channel = "[alerts.channels.ops]\nkind = 'log'\n"
    assert (
        changes(
            tmp_path, channel + route.format("a") + route.format("b"), channel + route.format("b") + route.format("a")
        )
        == []
    )


def test_a_rule_that_was_renamed_and_moved_did_both(tmp_path: Path) -> None:
    renamed = rules("d", "a", "b", "c").replace("name = 'd'", "name = 'z'")
    found = changes(tmp_path, rules("a", "b", "c", "d"), renamed)
    assert [(change.kind, change.name, change.note) for change in found] == [
        ("renamed", "z", 'was "d"'),
        ("moved", "z", 'now before "a"'),
    ]
    in_its_place = rules("a", "b", "c").replace("name = 'b'", "name = 'z'")
    (only_renamed,) = changes(tmp_path, rules("a", "b", "c"), in_its_place)
    assert only_renamed.kind == "renamed"


@given(st.permutations(range(8)))
def test_the_fewest_moves_lead_from_one_order_to_the_other(order: list[int]) -> None:
    from policy_engine.simulate.diff.meaning import _longest_rising

    staying = _longest_rising(order)
    kept = [number for number in order if number in staying]
    assert kept == sorted(kept)
    longest = max((subset for subset in _subsequences(order) if list(subset) == sorted(subset)), key=len)
    assert len(kept) == len(longest)


def _subsequences(numbers: list[int]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for number in numbers:
        found += [(*each, number) for each in found]
    return found
