"""Texts without a secret stay as they are, to the character."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from policy_engine.privacy import compile_privacy

SCRUBBER = compile_privacy({}, {})
NAMED_AGAIN = compile_privacy({"fields": ["password", "token", "authorization", "cookie"]}, {})
TEXTS = (Path(__file__).parent / "harmless_texts.txt").read_text(encoding="utf-8").splitlines()
RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "exceptions" / "dev.jsonl"


def test_there_are_as_many_harmless_texts_as_promised() -> None:
    assert len(set(TEXTS)) >= 200


@pytest.mark.parametrize("text", TEXTS)
def test_a_harmless_text_stays_as_it_was(text: str) -> None:
    assert SCRUBBER.text(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_naming_the_usual_fields_again_changes_nothing(text: str) -> None:
    assert NAMED_AGAIN.text(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_a_harmless_text_stays_as_it_was_in_a_context(text: str) -> None:
    context = {"detail": text, "details": [text], "attempt": 3}
    assert SCRUBBER.mapping(context) == context


def test_harmless_texts_stay_as_they_were_together() -> None:
    text = "\n".join(TEXTS[:60])
    assert SCRUBBER.text(text) == text


def test_a_traceback_without_secrets_stays_as_it_was() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "/app/auth/session.py", line 33, in refresh\n'
        "    self.token = await self.client.fetch_token(scope=scope)\n"
        '  File "/app/auth/client.py", line 12, in fetch_token\n'
        "    return self.post(url, auth=self._auth, timeout=3)\n"
        "app.auth.errors.TokenExpiredError: the refresh token expired at 2024-06-01T12:00:00Z\n"
    )
    assert SCRUBBER.text(text) == text


def test_messages_of_real_packages_stay_as_they_were_but_for_addresses() -> None:
    if not RECORDED.exists():
        if os.environ.get("POLICY_ENGINE_REQUIRE_DATA") == "1":
            pytest.fail(f"the recorded exceptions are missing: {RECORDED}")
        pytest.skip("the recorded exceptions are not beside this checkout")
    records = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    messages = [record["message"] for record in records if "@example.com" not in record["message"]]
    changed = [message for message in messages if SCRUBBER.text(message) != message and message.isprintable()]
    assert len(messages) > 100
    assert changed == []
