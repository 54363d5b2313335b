from recover.recovery_makers import Actions, Recoveries, an_error

from policy_engine.recover import Delay

STRATEGY = {
    "name": "reconnect",
    "match": {"category": "DATABASE"},
    "steps": [{"action": "mend"}],
    "intensity": {"at_most": 3, "within": "10m"},
    "escalate": [{"action": "lower"}, {"action": "shout"}],
}


def a_target_that_never_heals(*strategies, **more):
    actions = Actions(
        mend=lambda context: False, lower=lambda context: True, shout=lambda context: True, **more
    )
    return actions, Recoveries(list(strategies), actions)


def test_a_target_that_never_heals_is_tried_as_often_as_allowed_and_then_escalated_in_order_once():
    actions, recoveries = a_target_that_never_heals(STRATEGY)

    plans = []
    for _ in range(100):
        plans.append(recoveries.meet())
        recoveries.clock.advance(5)

    assert actions.calls == ["mend", "mend", "mend", "lower", "shout"]
    assert [plan.strategy for plan in plans[:4]] == [*["reconnect"] * 3, "reconnect (escalation)"]
    assert {plan.refusal for plan in plans[4:]} == {"intensity"}


def test_after_the_escalation_the_next_strategy_that_matches_takes_over():
    restart = {"name": "restart", "match": {}, "steps": [{"action": "restart"}]}
    actions, recoveries = a_target_that_never_heals(STRATEGY, restart, restart=lambda context: True)

    for _ in range(6):
        recoveries.meet()
        recoveries.clock.advance(5)

    assert actions.calls == ["mend", "mend", "mend", "lower", "shout", "restart", "restart"]


def test_when_the_period_frees_a_start_the_strategy_is_tried_again_and_escalates_again():
    actions, recoveries = a_target_that_never_heals({**STRATEGY, "intensity": {"at_most": 1, "within": "1m"}})

    for _ in range(4):
        recoveries.meet()
        recoveries.clock.advance(40)

    assert actions.calls == ["mend", "lower", "shout", "mend", "lower", "shout"]


def test_an_escalation_that_is_under_way_is_not_started_a_second_time():
    actions = Actions(mend=lambda context: False, slow=lambda context: Delay(1000.0))
    strategy = {**STRATEGY, "intensity": {"at_most": 1, "within": "1m"}, "escalate": [{"action": "slow"}]}
    recoveries = Recoveries([strategy], actions)

    for _ in range(6):
        recoveries.meet()
        recoveries.clock.advance(40)

    assert actions.calls.count("slow") == 1


def test_each_target_escalates_by_itself():
    actions, recoveries = a_target_that_never_heals(
        {**STRATEGY, "target": "database", "intensity": {"at_most": 1, "within": "1h"}}
    )

    for name in ("orders", "users", "orders", "users"):
        recoveries.meet(an_error(context={"database": name}))
        recoveries.clock.advance(1)

    assert actions.calls == ["mend", "mend", "lower", "shout", "lower", "shout"]
