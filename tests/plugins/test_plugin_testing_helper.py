from types import SimpleNamespace

import pytest

from policy_engine.plugins import Action, Again, Delay, builtin, hookimpl
from policy_engine.plugins.testing import an_error, an_info, check_plugin, run_action


def a_plugin(run, **fields):
    return SimpleNamespace(policy_engine_actions=hookimpl(lambda: [Action("acme.go", run, **fields)]))


def test_an_action_s_delays_pass_in_virtual_time():
    result = run_action(a_plugin(lambda context: Delay(20.0)), "acme.go")

    assert (result.succeeded, result.seconds) == (True, 20.0)


def test_an_action_that_asks_again_for_ever_fails_at_the_timeout():
    result = run_action(a_plugin(lambda context: Again(1.0)), "acme.go", timeout=5.0)

    assert (result.succeeded, result.seconds) == (False, 5.0)


def test_what_an_action_does_to_the_engine_is_told():
    result = run_action(builtin, "set_level", {"level": "minimal"})

    assert result.engine_calls == (("set_level", "minimal"),)


def test_a_failure_tells_the_whole_exception_for_a_test_may_see_it():
    def fail(context):
        raise ConnectionError(f"no route to {context.info.context['host']}")

    result = run_action(a_plugin(fail), "acme.go", error=an_error("x", host="db1"))

    assert (result.succeeded, result.detail) == (False, "ConnectionError: no route to db1")


def test_functions_that_the_program_would_register_are_given_by_name():
    result = run_action(builtin, "call", {"function": "mend"}, functions={"mend": lambda info: info.id == "test"})

    assert result.succeeded


def test_a_plugin_that_no_engine_takes_fails_its_test():
    misspelt = SimpleNamespace(policy_engine_actoins=hookimpl(lambda context: None))

    with pytest.raises(AssertionError, match="which is no hook"):
        check_plugin(misspelt)


def test_an_info_is_what_a_matcher_is_shown():
    info = an_info("disk full", type="OSError", tenant="acme")

    assert (info.exception_type, info.message, info.context) == ("OSError", "disk full", {"tenant": "acme"})
