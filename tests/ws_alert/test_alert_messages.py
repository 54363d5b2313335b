"""What the bot takes for an alert."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ws_alert.alerts import Alert, AlertError, Priority, parse_alert


def test_an_alert_is_read_from_its_json() -> None:
    message = '{"id": "a-1", "priority": "critical", "title": "disk full", "source": "web-3"}'
    assert parse_alert(message) == Alert("a-1", Priority.CRITICAL, "disk full", "web-3")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("[]", "not a list"),
        ('{"priority": "info", "title": "t"}', '"id" is missing'),
        ('{"id": "a-1", "priority": "info", "title": 7}', '"title" is missing or no text'),
        ('{"id": "a-1", "priority": "urgent", "title": "t"}', "use info, warning, critical"),
    ],
)
def test_json_that_is_no_alert_is_refused_with_what_is_wrong(message: str, says: str) -> None:
    with pytest.raises(AlertError, match=says):
        parse_alert(message)


@settings(deadline=None)
@given(st.one_of(st.binary(), st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_whatever_is_received_is_an_alert_or_a_value_error(message: str | bytes) -> None:
    try:
        alert = parse_alert(message)
    except ValueError:
        return
    assert alert.id
