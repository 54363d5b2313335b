"""The cost of scrubbing follows the length of what is kept, whatever is written there."""

from __future__ import annotations

from time import process_time

import pytest

from policy_engine.privacy import DETECTORS, compile_privacy

SCRUBBER = compile_privacy({"detectors": list(DETECTORS)}, {"message_length": 1_000_000})
SHORT, LONG = 10_000, 80_000

NASTY = (
    "key=", "api_key", "password=", "password=(", "password=[", 'password="', "password: a ", "password: a a ",
    "token is ", "<password>", "<password x", "('password', '", "cookie: a ", "VALUES (", "INSERT INTO t (a) VALUES (",
    "parameters: (", "identified by '", "://a:", "https://a:b/", "a@", "a@a.", "a.", "a-", "0 ", "0-", "+1 ", "1:",
    "eyJ", "Bearer a", "Basic a", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "host name a", "invalid port: '",
    "parameters: {(a) VALUES (", "parameters: {'p': \"a=:p ", "or token in ('a', ", "or token like 'a",
    'value="a ', 'name=token value="a ', '"value": "x, "name": "token", ', "input_value=\n",
    "a\n  [type=x, input_value=", "On a['password']:\n    x", "\\", "'", '"', "\x1b",
    "[scrubbed]", "İ",
)  # fmt: skip


def seconds(text: str) -> float:
    started = process_time()
    SCRUBBER.text(text)
    return process_time() - started


@pytest.mark.prove
@pytest.mark.parametrize("piece", NASTY)
def test_eight_times_the_text_costs_no_more_than_about_eight_times_as_much(piece: str) -> None:
    short = (piece * (SHORT // len(piece) + 1))[:SHORT]
    long = (piece * (LONG // len(piece) + 1))[:LONG]
    best = min(seconds(long) / max(seconds(short), 0.0005) for _ in range(5))
    assert best < 20


@pytest.mark.prove
@pytest.mark.parametrize("piece", NASTY)
def test_nothing_that_is_kept_by_default_takes_long(piece: str) -> None:
    scrubber = compile_privacy({}, {})
    text = piece * (10_000 // len(piece))
    started = process_time()
    scrubber.text(text)
    assert process_time() - started < 0.25
