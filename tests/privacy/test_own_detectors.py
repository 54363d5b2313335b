"""Detectors that a policy writes: what they mask, where, and how often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.privacy import MARKER, Scrubber, compile_privacy


def scrubber_of(*regex: str, **section: object) -> Scrubber:
    return compile_privacy({"patterns": {"own": {"regex": list(regex)}}, **section}, {})


@pytest.mark.parametrize(
    ("regex", "text", "scrubbed"),
    [
        ("BADGE-[0-9]{6}", "badge BADGE-123456 refused", f"badge {MARKER} refused"),
        ("(?i)badge-[0-9]{6}", "badge BADGE-123456 refused", f"badge {MARKER} refused"),
        (r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", "of 123-45-6789, here", f"of {MARKER}, here"),
        (r"^[0-9]{5}$", "12345", MARKER),
        (r"^[0-9]{5}$", "number 12345", "number 12345"),
        ("staff [0-9]+ [0-9]+", "token=staff 12 34", f"token={MARKER}"),
        ("x*", "axxb", f"a{MARKER}b"),
        ("Ärzt(in)?", "die Ärztin kam", f"die {MARKER} kam"),
    ],
)
def test_whatever_a_policy_s_pattern_matches_is_masked(regex: str, text: str, scrubbed: str) -> None:
    assert scrubber_of(regex).text(text) == scrubbed


def test_it_looks_into_contexts_too_and_at_each_text_by_itself() -> None:
    shown = scrubber_of("^[0-9]{5}$").mapping({"ward": "12345", "name": "ward 7", "count": 12345})
    assert shown == {"ward": MARKER, "name": "ward 7", "count": 12345}


@pytest.mark.parametrize("regex", ["^[0-9]{5}$", "BADGE-[0-9]+"])
def test_text_that_is_no_unicode_is_no_obstacle(regex: str) -> None:
    scrubber = scrubber_of(regex)
    assert scrubber.mapping({"a": "\ud800", "\ud801": "\ud802", "b": "12345", "c": "BADGE-7"}).popitem()[0] == "c"
    assert scrubber.text("\ud800").isprintable()


def test_a_pattern_may_have_the_name_of_a_detector() -> None:
    scrubber = compile_privacy({"detectors": [], "patterns": {"credit_card": {"regex": "CARD-[0-9]+"}}}, {})
    assert scrubber.mapping({"a": "CARD-1", "n": 4111111111111111}) == {"a": MARKER, "n": 4111111111111111}


def test_it_looks_whatever_detectors_are_listed() -> None:
    assert scrubber_of("BADGE-[0-9]+", detectors=[]).text("BADGE-1 bob@example.com") == f"{MARKER} bob@example.com"


@given(st.sampled_from(["[a-z]+", "scrub", "b", ".", "[^ ]+", "s|d", "x*", "BADGE-[0-9]+"]), st.text(max_size=60))
def test_a_second_scrub_changes_nothing_whatever_the_pattern(regex: str, text: str) -> None:
    scrubber = scrubber_of(regex)
    once = scrubber.text(text)
    assert scrubber.text(once) == once
