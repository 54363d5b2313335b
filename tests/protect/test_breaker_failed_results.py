"""Results that a policy calls failures."""

from types import SimpleNamespace

import pytest
from makers import a_policy, an_engine

from policy_engine.model import EngineFault

BY_STATUS = """
[breakers.api]
failure_threshold = 2
failed_result = { attributes.status_code = { from = 500 } }
[calls.api]
breaker = "api"
"""


def answers(engine, *results):
    protection = engine.protect("api")
    return [protection.call(lambda given=result: given) for result in results]


@pytest.mark.parametrize("made", [lambda code: SimpleNamespace(status_code=code), lambda code: {"status_code": code}])
def test_a_returned_503_is_a_failure_and_is_returned(made):
    engine = an_engine(BY_STATUS)
    results = [made(200), made(503), made(502)]
    assert answers(engine, *results) == results
    assert engine.breaker("api").state == "OPEN"


def test_a_result_without_the_attribute_is_good():
    engine = an_engine(BY_STATUS)
    answers(engine, None, "text", 7)
    now = engine.breaker("api").statistics()
    assert (now.successes, now.failures) == (3, 0)


def test_a_registered_function_may_say_it():
    engine = an_engine(BY_STATUS.replace("attributes.status_code = { from = 500 }", 'function = "is_empty"'))
    engine.register("is_empty", lambda result: not result)
    answers(engine, [], [])
    assert engine.breaker("api").state == "OPEN"


def test_a_function_that_is_not_registered_or_raises_costs_nobody_a_result():
    engine = an_engine(BY_STATUS.replace("attributes.status_code = { from = 500 }", 'function = "is_empty"'))
    events = []
    engine.subscribe(events.append)
    assert answers(engine, "fine") == ["fine"]
    assert ['no function is registered as "is_empty"' in event.error for event in events] == [True]
    assert isinstance(events[0], EngineFault)


def test_a_reload_changes_what_a_function_that_was_wrapped_before_counts():
    engine = an_engine(BY_STATUS.replace("failed_result", "# failed_result"))

    @engine.breaker("api")
    def fetch(code):
        return {"status_code": code}

    fetch(503)
    engine.adopt(a_policy(BY_STATUS))
    fetch(503)
    fetch(503)
    assert engine.breaker("api").state == "OPEN"
