from hypothesis import given
from hypothesis import strategies as st

from policy_engine.metrics import compile_condition

NUMBERS = st.one_of(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 30.0]), st.floats(-1e9, 1e9))
LIMITS = st.dictionaries(st.sampled_from(["above", "at_least", "below", "at_most"]), NUMBERS, min_size=1)


@given(LIMITS, NUMBERS)
def test_a_value_lies_in_the_span_of_a_condition_where_it_holds(limits, value):
    condition = compile_condition({"metric": "shop.queue", **limits})
    for each in (value, *(float(limit) for limit in limits.values())):
        assert (condition.span.low < each < condition.span.high) is condition.holds(lambda _, each=each: each)


@given(LIMITS, NUMBERS)
def test_every_value_lies_either_in_a_span_or_outside(limits, value):
    span = compile_condition({"metric": "shop.queue", **limits}).span
    outside = span.outside()
    for each in (value, *limits.values()):
        if outside is not None:
            assert (span.low < each < span.high) is not (outside.low < each < outside.high)


def test_there_is_no_span_where_one_metric_does_not_tell():
    rate = {"metric": "error_rate", "window": "1m", "above": 30}
    assert compile_condition({"any": [rate, {"metric": "shop.queue", "above": 1}]}).span is None
    assert compile_condition(rate, minimum_events=20).span is None
    assert compile_condition({"metric": "shop.queue", "above": 1, "below": 5}).span.outside() is None
