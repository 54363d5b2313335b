"""Quantiles of durations in little memory: near the true ones, whoever counted, and readable again."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.metrics.sketch import SHOWN, Sketch


def of(durations):
    sketch = Sketch()
    for seconds in durations:
        sketch.add(seconds)
    return sketch


def share_below(durations, value):
    return sum(each <= value for each in durations) / len(durations)


@pytest.mark.parametrize("parts", [1, 60, 1440])
def test_quantiles_of_merged_minutes_are_near_those_of_all_that_was_counted(parts):
    random = Random(parts)
    durations = [random.lognormvariate(-2.0, 1.0) for _ in range(50_000)]
    merged = Sketch()
    for number in range(parts):
        merged.absorb(of(durations[number::parts]))
    found = merged.quantiles()
    for name, share in SHOWN.items():
        assert share_below(durations, found[name]) == pytest.approx(share, abs=0.01)
    assert len(merged.to_bytes()) < 4000


@given(st.lists(st.floats(0.0, 1e6), max_size=50))
def test_a_stored_sketch_is_the_same_when_it_is_read(durations):
    sketch = of(durations)
    again = Sketch.from_bytes(sketch.to_bytes())
    assert again.quantiles() == sketch.quantiles()
    assert (sketch.quantiles() is None) == (not durations)


@given(st.binary(max_size=200))
def test_what_is_no_sketch_is_read_as_an_empty_one(data):
    """The file may be written to by others: no query ends for that."""
    Sketch.from_bytes(data).quantiles()


def test_a_sketch_that_is_cut_off_is_read_as_an_empty_one():
    whole = of([1.0, 2.0, 3.0]).to_bytes()
    for length in range(len(whole)):
        Sketch.from_bytes(whole[:length]).quantiles()


def test_nothing_has_no_quantiles():
    assert Sketch().quantiles() is None
    assert Sketch().to_bytes() == b""
    merged = Sketch()
    merged.absorb(Sketch())
    assert merged.quantiles() is None
