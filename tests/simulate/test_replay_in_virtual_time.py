"""Recorded errors sent through the real engine, in their own time."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

from makers import a_policy, an_info

from policy_engine.simulate import Input, decision, replay
from policy_engine.simulate.heaviest import HeaviestKinds

POLICY = """
[categories.NETWORK]
severity = "LOW"
retryable = true

[[rules]]
name = "refused"
match.exception = "ConnectionRefusedError"
category = "NETWORK"

[[rules]]
name = "silent"
match.exception = "MemoryError"
category = "NETWORK"

[[severity.adjust]]
name = "burst"
match = { category = "NETWORK" }
when = { metric = "errors", category = "NETWORK", window = "1m", at_least = 3 }
raise_to = "HIGH"

[degradation]
levels = ["full", "degraded"]
[[degradation.triggers]]
name = "many"
level = "degraded"
when = { metric = "errors", window = "1m", at_least = 3 }
release = { below = 1, for = "30s" }
"""


def a_file(path: Path, *records: dict[str, object]) -> Input:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return Input(str(path))


def refused(time: str | None = None, **fields: object) -> dict[str, object]:
    own = {} if time is None else {"time": f"2024-05-01T{time}Z"}
    return {"type": "builtins.ConnectionRefusedError", "message": "refused", **own, **fields}


def replayed(*inputs: Input):
    decisions = []
    summary = replay(
        a_policy(POLICY), inputs, each=lambda found, info: decisions.append(decision(found, info, len(decisions) + 1))
    )
    return decisions, summary


def test_windows_follow_the_time_of_the_errors(tmp_path):
    close = a_file(tmp_path / "close", refused("12:00:00"), refused("12:00:01"), refused("12:00:02"))
    apart = a_file(tmp_path / "apart", refused("12:00:00"), refused("12:01:00"), refused("12:02:00"))
    assert [each["severity"] for each in replayed(close)[0]] == ["LOW", "LOW", "HIGH"]
    assert [each["severity"] for each in replayed(apart)[0]] == ["LOW", "LOW", "LOW"]


def test_an_error_without_a_time_is_judged_alone(tmp_path):
    decisions, summary = replayed(a_file(tmp_path / "a", *[refused()] * 5, refused("12:00:00")))
    assert {each["severity"] for each in decisions} == {"LOW"}
    assert (summary.timed, summary.level_changes) == (1, 0)


def test_a_late_error_is_judged_at_the_time_that_is(tmp_path):
    decisions, summary = replayed(
        a_file(tmp_path / "a", refused("12:05:00"), refused("12:00:00"), refused("12:05:01"), refused("12:05:02"))
    )
    assert [each["severity"] for each in decisions] == ["LOW", "LOW", "HIGH", "HIGH"]
    assert decisions[1]["time"] == "2024-05-01T12:00:00+00:00"
    assert summary.late == 1


def test_what_falls_due_between_two_errors_happens_in_between(tmp_path):
    decisions, summary = replayed(
        a_file(tmp_path / "a", *[refused("12:00:00")] * 3, refused("12:00:30"), refused("13:00:00"))
    )
    assert [each["level"] for each in decisions] == ["full", "full", "degraded", "degraded", "full"]
    assert [(each.before, each.after) for each in summary.levels] == [("full", "degraded"), ("degraded", "full")]


def test_inputs_are_merged_by_time(tmp_path):
    first = a_file(tmp_path / "a", refused("12:00:00", id="a1"), refused("12:00:02", id="a2"), refused(id="a3"))
    second = a_file(tmp_path / "b", refused("12:00:01", id="b1"), refused("12:00:03", id="b2"))
    decisions, summary = replayed(first, second)
    assert [each["id"] for each in decisions] == ["a1", "b1", "a2", "a3", "b2"]
    assert summary.late == 0
    assert [each.counts.errors for each in summary.inputs] == [3, 2]


def test_errors_without_times_keep_the_order_of_the_command(tmp_path):
    first, second = a_file(tmp_path / "b", refused(id=1)), a_file(tmp_path / "a", refused(id=2))
    assert [each["id"] for each in replayed(first, second)[0]] == [1, 2]


def test_the_summary_says_what_failed_how_much_and_since_when(tmp_path):
    _, summary = replayed(
        a_file(tmp_path / "a", refused("12:00:10"), refused("12:00:50"), refused("12:04:10"), {"type": "shop.Odd"})
    )
    data = summary.to_dict()
    assert data["by_category"] == {"NETWORK": {"LOW": 3}, "UNKNOWN": {"MEDIUM": 1}}
    rules = data["rules"]
    assert (rules["fired"], rules["never_fired"], rules["unclaimed"]) == ({"refused": 3}, ["silent"], 1)
    assert [(kind["type"], kind["count"]) for kind in rules["unclaimed_top"]] == [("shop.Odd", 1)]
    assert data["rate"] == {
        "first": "2024-05-01T12:00:10+00:00",
        "last": "2024-05-01T12:04:10+00:00",
        "per_minute": 0.75,
        "peak": 2,
        "peak_minute": "2024-05-01T12:00:00+00:00",
    }
    assert (data["errors"], data["timed"], data["retryable"]) == (4, 3, 3)
    assert [(each["count"], each["type"]) for each in data["top"]] == [(3, "ConnectionRefusedError"), (1, "shop.Odd")]
    json.dumps(data)


def test_the_same_input_gives_the_same_result(tmp_path):
    source = a_file(tmp_path / "a", *[refused("12:00:00"), refused(), {"type": "shop.Odd", "message": "x"}] * 5)
    (one, first), (two, second) = replayed(source), replayed(source)
    assert one == two
    assert first.to_dict() == second.to_dict()


def test_memory_does_not_grow_with_the_input(tmp_path):
    def peak(count: int) -> int:
        path = tmp_path / str(count)
        with path.open("w") as file:
            for number in range(count):
                file.write(json.dumps(refused("12:00:00", context={"n": number})) + "\n")
        policy = a_policy(POLICY)
        replay(policy, [Input(str(path))])
        tracemalloc.start()
        replay(policy, [Input(str(path))])
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    assert peak(6000) < peak(2000) + 400_000


def test_the_most_frequent_kinds_are_kept_and_the_others_counted():
    kinds = HeaviestKinds(capacity=10)
    infos = [an_info(fingerprint=f"rare {number}") for number in range(100)]
    for info in infos:
        kinds.add(an_info(fingerprint="frequent"))
        kinds.add(info)
    assert (kinds.most_frequent(1)[0].count, kinds.most_frequent(1)[0].example.fingerprint) == (100, "frequent")
    assert kinds.count <= 21
    assert kinds.forgotten + sum(kind.count for kind in kinds.most_frequent(100)) == 200
