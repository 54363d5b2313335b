"""Counts: exact in total, bounded in what they are broken down by."""

from __future__ import annotations

import json

from makers import an_info

from policy_engine.model import Severity
from policy_engine.observe import Statistics


def test_errors_are_counted_by_everything_people_ask_for() -> None:
    statistics = Statistics()
    statistics.error_handled(an_info(category="API", severity=Severity.HIGH, module="Client", rule="api"), now=0.0)
    statistics.error_handled(an_info(category="API"), now=1.0)
    counts = statistics.snapshot(2.0, active_for=60.0)
    assert counts["total_errors"] == 2
    assert counts["by_category"] == {"API": 2}
    assert counts["by_severity"] == {"HIGH": 1, "MEDIUM": 1}
    assert counts["by_rule"] == {"api": 1, "none": 1}
    assert counts["errors_per_minute"] == 2
    json.dumps(counts)


def test_rates_forget_and_totals_do_not() -> None:
    statistics = Statistics()
    statistics.error_handled(an_info(), now=0.0)
    counts = statistics.snapshot(120.0, active_for=60.0)
    assert (counts["errors_per_minute"], counts["errors_per_hour"], counts["total_errors"]) == (0, 1, 1)
    assert counts["active_errors"] == []
    assert statistics.snapshot(4000.0, active_for=60.0)["errors_per_hour"] == 0


def test_active_errors_are_the_fingerprints_seen_lately_newest_first() -> None:
    statistics = Statistics()
    for now, fingerprint in enumerate(["a", "b", "a"]):
        statistics.error_handled(an_info(fingerprint=fingerprint), now=float(now))
    active = statistics.snapshot(3.0, active_for=60.0)["active_errors"]
    assert [(kind["fingerprint"], kind["count"]) for kind in active] == [("a", 2), ("b", 1)]


def test_labels_past_their_bound_are_counted_together() -> None:
    statistics = Statistics(labels=2)
    for number in range(5):
        statistics.error_handled(an_info(module=f"m{number}"), now=0.0)
    assert statistics.snapshot(0.0, active_for=1.0)["by_module"] == {"m0": 1, "m1": 1, "other": 3}


def test_fingerprints_past_their_bound_push_out_the_oldest_and_are_counted() -> None:
    statistics = Statistics(fingerprints=2)
    for number in range(5):
        statistics.error_handled(an_info(fingerprint=str(number)), now=0.0)
    counts = statistics.snapshot(0.0, active_for=1.0)
    assert [kind["fingerprint"] for kind in counts["active_errors"]] == ["4", "3"]
    assert counts["fingerprints_forgotten"] == 3
    assert counts["total_errors"] == 5


def test_an_error_without_a_time_has_no_part_in_a_rate() -> None:
    statistics = Statistics()
    statistics.error_handled(an_info(time=None), now=0.0)
    counts = statistics.snapshot(0.0, active_for=1.0)
    assert (counts["total_errors"], counts["errors_per_minute"]) == (1, 0)


def test_reset_forgets_everything() -> None:
    statistics = Statistics()
    statistics.error_handled(an_info(), now=0.0)
    statistics.reset()
    counts = statistics.snapshot(0.0, active_for=1.0)
    assert (counts["total_errors"], counts["by_category"], counts["active_errors"]) == (0, {}, [])
