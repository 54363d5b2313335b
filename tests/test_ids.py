"""Ids: UUIDs of version 7 (RFC 9562), which sort by their time and can be taken apart and put together."""

from random import Random
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from policy_engine.ids import high_at, joined, new_id, parts, time_at

TIMES = st.floats(0, 2**48 / 1000 - 1)


@given(time=TIMES, seed=st.integers(0, 2**32))
def test_an_id_has_the_version_the_variant_and_the_time_that_the_standard_asks_for(time, seed):
    id_ = new_id(time, Random(seed))
    uuid = UUID(hex=id_)
    assert id_ == uuid.hex
    assert uuid.version == 7
    assert uuid.variant == RFC_4122
    assert uuid.int >> 80 == int(time * 1000), "milliseconds since 1970 in the first 48 bits"


def test_the_example_of_the_standard_is_taken_apart_and_put_together():
    """RFC 9562, A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F, of 2022-02-22T14:22:22.00-05:00."""
    example = "017f22e279b07cc398c4dc0c0c07398f"
    high, low = parts(example)
    assert time_at(high) == 1645557742.0
    assert (high & 0xFFF, low) == (0xCC3, 0x18C4DC0C0C07398F)
    assert joined(high, low) == example


@given(time=TIMES, seed=st.integers(0, 2**32))
def test_its_parts_make_it_again_and_fit_in_what_a_database_calls_an_integer(time, seed):
    id_ = new_id(time, Random(seed))
    high, low = parts(id_)
    assert joined(high, low) == id_
    assert 0 <= high < 2**63
    assert 0 <= low < 2**63
    assert high_at(time) <= high < high_at(time + 0.002)


@given(st.lists(st.tuples(TIMES, st.integers(0, 2**32)), min_size=2, max_size=20))
def test_ids_and_their_parts_sort_alike_and_by_time(drawn):
    ids = sorted(new_id(time, Random(seed)) for time, seed in drawn)
    assert [parts(id_) for id_ in ids] == sorted(parts(id_) for id_ in ids)
    times = [time_at(parts(id_)[0]) for id_ in ids]
    assert times == sorted(times)


def test_a_time_that_no_id_can_hold_is_moved_to_the_next_one_that_can():
    for time, milliseconds in ((None, 0), (-5.0, 0), (1e15, 2**48 - 1)):
        assert UUID(hex=new_id(time, Random(1))).int >> 80 == milliseconds


def test_all_74_bits_that_are_free_are_drawn():
    ones = zeros = 0
    for seed in range(200):
        drawn = UUID(hex=new_id(0.0, Random(seed))).int
        ones, zeros = ones | drawn, zeros | ~drawn & (1 << 128) - 1
    free = ones & zeros
    assert free.bit_count() == 74


def test_an_id_of_another_form_has_no_parts():
    for other in ("", "f0", "0" * 32, "017f22e279b04cc398c4dc0c0c07398f", "017f22e279b07cc3c8c4dc0c0c07398f", "x" * 32):
        assert parts(other) is None
    assert parts("017F22E279B07CC398C4DC0C0C07398F") is None, "ids are written in small letters"
