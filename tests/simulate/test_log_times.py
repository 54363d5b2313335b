"""Times as logs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.simulate.formats.times import seconds_of, seconds_of_value

NOON = 1714564800.0  # 2024-05-01 12:00 UTC


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01 12:00:00",
        "2024-05-01T12:00:00Z",
        "2024-05-01T14:00:00+02:00",
        "2024-05-01 14:00:00 +0200",
        "2024-05-01 12:00:00 UTC",
        "2024-05-01 12:00:00,000",
        "2024-05-01T12:00:00.000000000Z",
        "2024/05/01 12:00:00",
        "24/05/01 12:00:00",
        "240501 120000",
        "20240501-12:00:00:000",
        "2024-05-01-12.00.00.000000",
        "01/May/2024:12:00:00 +0000",
        "01-May-2024 12:00:00",
        "Wed May 01 12:00:00 2024",
        "Wed May  1 12:00:00.000000 2024",
        "Wed, 01 May 2024 12:00:00 GMT",
        "2024-05-01 12:00:00 PM",
        "2024-05-01 14:00:00.000 +02",
        "2024-05-01 14:00:00,0+02",
        "2024-05-01 14:00:00 UTC+2",
        "01.05.2024 12:00:00",
        "Wed May  1 14:00:00 CEST 2024",
        "Wed May  1 02:00:00 PM CEST 2024",
        "2024-05-01 08:00:00 am EDT",
    ],
)
def test_a_time_is_read_in_the_shapes_that_logs_have(text):
    assert seconds_of(text) == NOON


@pytest.mark.parametrize(
    ("written", "hour"),
    [("12:00:00 AM", 0), ("01:00:00 a.m.", 1), ("12:00:00PM", 12), ("1:00:00 p.m.", 13), ("13:00:00 PM", 13)],
)
def test_the_half_of_the_day_is_read_behind_hours_up_to_12_and_up_to_23(written, hour):
    assert seconds_of(f"2024-05-01 {written}") == NOON + (hour - 12) * 3600


@pytest.mark.parametrize("text", ["12/31/2010 11:46:36 AM", "31/12/2010 11:46:36", "31-12-2010 11:46:36 AM"])
def test_month_and_day_are_told_apart_where_one_of_them_can_be_no_month(text):
    assert seconds_of(text) == 1293795996.0


@pytest.mark.parametrize("text", ["01/02/2024 12:00:00", "2024-05-01 12:00:00 IST", "2024-05-01 12:00:00 QQT"])
def test_of_two_moments_that_a_time_may_mean_none_is_chosen(text):
    assert seconds_of(text, reference=NOON) is None


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("CET", 1), ("CEST", 2), ("EST", -5), ("EDT", -4), ("PST", -8), ("PDT", -7), ("GMT", 0), ("MSK", 3), ("JST", 9)],
)
def test_zones_that_have_a_name_are_read(zone, hours):
    assert seconds_of(f"2024-05-01 12:00:00.000 {zone}") == NOON - hours * 3600


def test_fractions_of_a_second_are_kept():
    assert seconds_of("2024-05-01 12:00:00,250") == NOON + 0.25
    assert seconds_of("Wed May 01 12:00:00.250 2024") == NOON + 0.25


@pytest.mark.parametrize("text", ["May  1 12:00:00", "05-01 12:00:00.000", "05.01 12:00:00", "0501 12:00:00.000"])
def test_a_time_without_a_year_is_the_last_one_before_the_file_was_written(text):
    assert seconds_of(text, reference=NOON + 3600) == NOON
    assert seconds_of(text, reference=NOON - 30 * 86400) == NOON - 366 * 86400
    assert seconds_of(text) is None


def test_the_29th_of_february_is_in_the_last_leap_year():
    assert seconds_of("Feb 29 00:00:00", reference=NOON + 365 * 86400) == 1709164800.0


@pytest.mark.parametrize("text", ["", "soon", "2024-05-01", "2024-13-01 12:00:00", "2024-05-01 25:00:00", "12:00:00"])
def test_what_is_no_moment_is_none(text):
    assert seconds_of(text, reference=NOON) is None


def test_a_leap_second_is_a_second():
    assert seconds_of("2016/12/31 23:59:60") == 1483228800.0


@pytest.mark.parametrize(
    "value", [NOON, int(NOON), NOON * 1e3, int(NOON * 1e6), int(NOON * 1e9), "1714564800", "1714564800000"]
)
def test_numbers_are_seconds_or_their_thousandths_by_their_size(value):
    assert seconds_of_value(value) == NOON


@pytest.mark.parametrize("value", [None, True, [], {}, "x", 10**400, float("nan"), float("inf")])
def test_json_that_is_no_time_is_none(value):
    assert seconds_of_value(value) is None


@given(st.text(max_size=40), st.none() | st.floats(0, 2e9))
def test_no_text_is_fatal(text, reference):
    seconds_of(text, reference)
    seconds_of_value(text, reference)
