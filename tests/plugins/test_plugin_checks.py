"""A plugin's action is a health check too: `verify` takes it, and it may ask until all is well."""

from pathlib import Path

from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

from policy_engine.model import RecoveryStatus

CHECK = """
ANSWERS = [Again(5.0, "not yet"), Again(5.0, "not yet"), True]

@hookimpl
def policy_engine_actions():
    return [Action("acme.is_up", lambda context: ANSWERS.pop(0))]
"""
STRATEGY = """
[[recovery.strategies]]
name = "heal"
match.category = "UNKNOWN"
steps = [{ action = "wait", for = "1s" }]
verify = { action = "acme.is_up", timeout = "30s" }
"""


def test_a_plugin_s_action_verifies_a_recovery_and_is_asked_until_it_says_yes(tmp_path: Path) -> None:
    a_plugin(tmp_path, CHECK)
    engine, clock = an_engine(a_policy_file(tmp_path, STRATEGY))

    info = engine.handle(ValueError("down"))
    clock.advance(60)

    recovery = engine.recovery(info.recovery_id)
    assert recovery.status is RecoveryStatus.SUCCEEDED
    assert [step.action for step in recovery.steps] == ["wait", "acme.is_up"]
    assert recovery.steps[1].seconds == 10.0


def test_what_verifies_a_recovery_has_no_choice_of_when_it_runs(tmp_path: Path) -> None:
    a_plugin(tmp_path, CHECK)

    (found,) = findings(a_policy_file(tmp_path, STRATEGY.replace('timeout = "30s"', 'on = "failure"')))

    assert (found.code, found.message) == ("PE111", 'unknown key "on"')
