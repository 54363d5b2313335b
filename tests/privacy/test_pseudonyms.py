"""Pseudonyms: equal values stay equal, and nothing else can be learned from them."""

from __future__ import annotations

import json
import re

import pytest

from policy_engine.privacy import MARKER, Scrubber, compile_privacy

SECTION = {"pseudonymise": {"fields": ["user_id", "email"], "key_env": "TEST_PSEUDONYM_KEY"}}
FORM = re.compile(r"pseudonym:[0-9a-f]{4}:[0-9a-f]{16}")


@pytest.fixture
def scrubber(monkeypatch: pytest.MonkeyPatch) -> Scrubber:
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a key of the test")
    return compile_privacy(SECTION, {})


def test_a_listed_field_becomes_a_marked_pseudonym(scrubber: Scrubber) -> None:
    shown = scrubber.mapping({"user_id": "12345", "attempt": 3})
    assert FORM.fullmatch(shown["user_id"])
    assert shown["attempt"] == 3


def test_equal_values_have_equal_pseudonyms_wherever_they_stand(scrubber: Scrubber) -> None:
    expected = scrubber.mapping({"user_id": "12345"})["user_id"]
    assert scrubber.mapping({"userId": 12345})["userId"] == expected
    assert scrubber.mapping({"a": [{"USER-ID": b"12345"}]})["a"][0]["USER-ID"] == expected
    assert scrubber.text("user_id=12345 has no access") == f"user_id={expected} has no access"
    assert scrubber.text('{"user_id": "12345"}') == json.dumps({"user_id": expected})


def test_other_values_have_other_pseudonyms(scrubber: Scrubber) -> None:
    shown = {scrubber.mapping({"user_id": str(number)})["user_id"] for number in range(1000)}
    assert len(shown) == 1000


def test_a_list_keeps_its_length(scrubber: Scrubber) -> None:
    shown = scrubber.mapping({"email": ["a@example.com", "b@example.com", None]})["email"]
    assert [FORM.fullmatch(shown[0]) is not None, FORM.fullmatch(shown[1]) is not None, shown[2]] == [True, True, None]


def test_what_has_structure_is_masked_instead(scrubber: Scrubber) -> None:
    assert scrubber.mapping({"user_id": {"id": 1}}) == {"user_id": MARKER}


def test_a_pseudonym_stays_when_scrubbed_again(scrubber: Scrubber) -> None:
    once = scrubber.mapping({"user_id": "12345", "note": "user_id=12345"})
    assert scrubber.mapping(once) == once


def test_another_key_makes_other_pseudonyms_and_says_so(scrubber: Scrubber, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scrubber.mapping({"user_id": "12345"})["user_id"]
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "another key")
    after = compile_privacy(SECTION, {}).mapping({"user_id": "12345"})["user_id"]
    assert before.split(":")[1] != after.split(":")[1]
    assert before.split(":")[2] != after.split(":")[2]


def test_without_a_key_the_field_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_PSEUDONYM_KEY", raising=False)
    scrubber = compile_privacy(SECTION, {})
    assert scrubber.mapping({"user_id": "12345", "attempt": 3}) == {"attempt": 3}
    assert scrubber.mapping({"a": {"user_id": "12345"}}) == {"a": {}}
    assert scrubber.text("user_id=12345 has no access") == f"user_id={MARKER} has no access"
    assert scrubber.lacks_key


def test_a_scrubber_with_its_key_or_without_pseudonyms_lacks_none(scrubber: Scrubber) -> None:
    assert not scrubber.lacks_key
    assert not compile_privacy({}, {}).lacks_key
