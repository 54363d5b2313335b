"""No secret of any kind is found, by byte search, in what is left of any place that could have held it."""

from __future__ import annotations

import json

import pytest
from privacy.secret_places import (
    ALONE_IN_DATA,
    ALONE_IN_TEXT,
    NAMED_IN_DATA,
    NAMED_IN_TEXT,
    SECRETS,
    TELLS_ITSELF,
    forms,
)

from policy_engine.privacy import compile_privacy

SCRUBBER = compile_privacy({}, {"message_length": 8192})


def leaks(shown: str) -> list[str]:
    """The kinds of secret of which any form stands in a text."""
    return [kind for kind, secret in SECRETS.items() if any(form in shown for form in forms(secret))]


def test_the_matrix_is_as_large_as_promised() -> None:
    places = (NAMED_IN_TEXT, ALONE_IN_TEXT, NAMED_IN_DATA, ALONE_IN_DATA)
    assert sum(map(len, places)) >= 60
    assert len(SECRETS) >= 20


@pytest.mark.parametrize("place", NAMED_IN_TEXT)
def test_no_secret_that_is_named_stays_in_a_text(place: str) -> None:
    found = {kind: SCRUBBER.text(NAMED_IN_TEXT[place](secret)) for kind, secret in SECRETS.items()}
    assert {kind: shown for kind, shown in found.items() if kind in leaks(shown)} == {}


@pytest.mark.parametrize("place", ALONE_IN_TEXT)
def test_no_secret_that_tells_itself_stays_in_a_text(place: str) -> None:
    found = {kind: SCRUBBER.text(ALONE_IN_TEXT[place](SECRETS[kind])) for kind in TELLS_ITSELF}
    assert {kind: shown for kind, shown in found.items() if kind in leaks(shown)} == {}


@pytest.mark.parametrize("place", NAMED_IN_DATA)
def test_no_secret_that_is_named_stays_in_data(place: str) -> None:
    found = {kind: as_shown(NAMED_IN_DATA[place](secret)) for kind, secret in SECRETS.items()}
    assert {kind: shown for kind, shown in found.items() if kind in leaks(shown)} == {}


@pytest.mark.parametrize("place", ALONE_IN_DATA)
def test_no_secret_that_tells_itself_stays_in_data(place: str) -> None:
    found = {kind: as_shown(ALONE_IN_DATA[place](SECRETS[kind])) for kind in TELLS_ITSELF}
    assert {kind: shown for kind, shown in found.items() if kind in leaks(shown)} == {}


def as_shown(value: object) -> str:
    return json.dumps(SCRUBBER.mapping(value), ensure_ascii=False)
