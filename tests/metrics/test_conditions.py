import pytest

from policy_engine.metrics import ERROR_COUNTS, EVENT_COUNTS, compile_condition, metric

RATE = metric("error_rate", 60.0)


def reading(**values):
    return lambda wanted: values.get(wanted.name)


@pytest.mark.parametrize(
    ("comparison", "true_at", "false_at"),
    [("above", 31, 30), ("at_least", 30, 29.9), ("below", 29, 30), ("at_most", 30, 30.1)],
)
def test_each_comparison_means_what_its_word_says(comparison, true_at, false_at):
    condition = compile_condition({"metric": "error_rate", "window": "1m", comparison: 30})
    assert condition.holds(reading(error_rate=true_at))
    assert not condition.holds(reading(error_rate=false_at))


def test_two_comparisons_make_a_range():
    condition = compile_condition({"metric": "errors", "window": "1m", "above": 3, "at_most": 5})
    assert [value for value in range(8) if condition.holds(reading(errors=value))] == [4, 5]


def test_no_data_is_never_true():
    assert not compile_condition({"metric": "error_ratio", "window": "1m", "above": 0}).holds(reading())
    assert not compile_condition({"metric": "error_ratio", "window": "1m", "below": 1}).holds(reading())


def test_all_any_and_not_combine():
    many = {"metric": "errors", "window": "1m", "above": 10}
    open_ = {"metric": "open_breakers", "at_least": 1}
    both = compile_condition({"all": [many, open_]})
    either = compile_condition({"any": [many, open_]})
    neither = compile_condition({"not": {"any": [many, open_]}})
    for errors, breakers in ((0, 0), (0, 1), (11, 0), (11, 1)):
        read = reading(errors=errors, open_breakers=breakers)
        assert both.holds(read) is (errors > 10 and breakers >= 1)
        assert either.holds(read) is (errors > 10 or breakers >= 1)
        assert neither.holds(read) is not either.holds(read)


def test_keys_beside_a_comparison_must_hold_as_well():
    condition = compile_condition(
        {"metric": "errors", "window": "1m", "above": 1, "not": {"metric": "open_breakers", "above": 0}}
    )
    assert condition.holds(reading(errors=2, open_breakers=0))
    assert not condition.holds(reading(errors=2, open_breakers=1))


def test_equal_filters_are_one_metric_however_they_are_written():
    first = compile_condition(
        {"metric": "errors", "window": "1m", "above": 1, "category": ["B", "A"], "severity": {"from": "HIGH"}}
    )
    second = compile_condition(
        {"severity": {"from": "HIGH"}, "category": ["A", "B", "A"], "window": "60s", "metric": "errors", "below": 4}
    )
    assert first.metrics == second.metrics
    one = compile_condition({"metric": "errors", "window": "1m", "above": 1, "category": ["A"]})
    assert one.metrics == (metric("errors", 60.0, {"category": "A"}),)


def test_few_events_decide_nothing():
    condition = compile_condition({"metric": "error_ratio", "window": "1m", "at_least": 0.5}, minimum_events=20)
    assert not condition.holds(reading(error_ratio=0.5, calls=2))
    assert condition.holds(reading(error_ratio=0.5, calls=20))


def test_values_say_what_was_read_and_leave_out_what_has_no_data():
    condition = compile_condition(
        {
            "any": [
                {"metric": "errors", "window": "1m", "above": 10},
                {"metric": "errors", "window": "5m", "above": 30, "category": "API"},
                {"metric": "error_ratio", "window": "1m", "above": 0.5},
            ]
        }
    )
    assert condition.values(reading(errors=4)) == {"errors 60s": 4, "errors 300s category=API": 4}
    assert compile_condition({"metric": "errors", "window": "1m", "above": 1}).values(reading(errors=4)) == {
        "errors": 4
    }


def test_a_condition_tells_its_meaning():
    condition = compile_condition({"metric": "error_rate", "window": "1m", "above": 30, "at_most": 90})
    assert str(condition) == "error_rate 60s > 30 and error_rate 60s <= 90"


def test_conditions_that_mean_the_same_are_equal():
    table = {"metric": "errors", "window": "1m", "above": 3}
    assert compile_condition(table) == compile_condition({**table, "window": "60s"})
    assert compile_condition(table) != compile_condition({**table, "above": 4})


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"metric": "errors", "window": "1m", "above": 3}, True),
        ({"metric": "errors", "window": "1m", "below": 3}, False),
        ({"not": {"metric": "errors", "window": "1m", "above": 3}}, False),
        ({"metric": "error_ratio", "window": "1m", "above": 0.5}, False),
        ({"any": [{"metric": "errors", "window": "1m", "above": 3}, {"metric": "memory", "above": 1}]}, False),
    ],
)
def test_a_condition_knows_whether_only_an_error_can_make_it_true(when, expected):
    assert compile_condition(when).raised_by(ERROR_COUNTS) is expected


def test_an_expression_that_cannot_be_evaluated_is_refused_and_never_taken_for_true():
    with pytest.raises(ValueError, match=r"when\.expr is not available"):
        compile_condition({"all": [{"expr": "metrics.error_rate > 30.0"}]})


def test_open_breakers_rise_only_by_an_event():
    condition = compile_condition({"metric": "open_breakers", "at_least": 1})
    assert condition.raised_by(EVENT_COUNTS)
    assert not condition.raised_by(ERROR_COUNTS)
