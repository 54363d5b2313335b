from recover.recovery_makers import Actions, Recoveries

from policy_engine.recover import Again


def a_strategy(**fields):
    return {"name": "s", "match": {}, "steps": [{"action": "mend"}], "verify": {"action": "ping"}, **fields}


def the_recovery(recoveries, plan):
    return recoveries.manager.recovery(plan.recovery_id)


def test_a_recovery_has_succeeded_only_when_its_verification_passed():
    recoveries = Recoveries([a_strategy()], Actions(mend=lambda context: True, ping=lambda context: True))

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.statuses == ["waiting", "running", "verifying", "succeeded"]
    assert [step.action for step in the_recovery(recoveries, plan).steps] == ["mend", "ping"]


def test_a_verification_that_does_not_pass_fails_the_attempt():
    answers = iter([False, True])
    recoveries = Recoveries(
        [a_strategy(attempts=2)], Actions(mend=lambda context: True, ping=lambda context: next(answers))
    )

    plan = recoveries.meet()
    recoveries.clock.advance(60)

    assert the_recovery(recoveries, plan).status == "succeeded"
    assert the_recovery(recoveries, plan).attempt == 2


def test_failed_steps_are_not_verified():
    actions = Actions(mend=lambda context: False, ping=lambda context: True)
    recoveries = Recoveries([a_strategy()], actions)

    recoveries.meet()
    recoveries.clock.advance()

    assert actions.calls == ["mend"]


def test_an_action_that_asks_to_be_called_again_is_until_it_answers():
    answers = iter([Again(2.0), Again(2.0), True])
    actions = Actions(mend=lambda context: True, ping=lambda context: next(answers))
    recoveries = Recoveries([a_strategy()], actions)

    plan = recoveries.meet()
    recoveries.clock.advance(3.9)
    assert the_recovery(recoveries, plan).status == "verifying"
    recoveries.clock.advance(0.1)

    assert the_recovery(recoveries, plan).status == "succeeded"
    assert the_recovery(recoveries, plan).steps[-1].seconds == 4.0


def test_an_action_that_asks_again_for_ever_fails_when_its_time_is_up():
    actions = Actions(mend=lambda context: True, ping=lambda context: Again(2.0, "still down"))
    recoveries = Recoveries([a_strategy(verify={"action": "ping", "timeout": "5s"})], actions)

    plan = recoveries.meet()
    recoveries.clock.advance(60)

    assert the_recovery(recoveries, plan).status == "failed"
    assert the_recovery(recoveries, plan).seconds == 5.0
    assert actions.calls.count("ping") == 3
    assert the_recovery(recoveries, plan).steps[-1].detail == "its time of 5 s was up: still down"
    assert recoveries.manager.statistics()["hung_actions"] == 0
