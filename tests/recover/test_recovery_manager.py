import json
import sqlite3

import pytest
from recover.recovery_makers import Actions, Recoveries, an_error

from policy_engine.recover import Delay, Strategy
from policy_engine.recover.tally import Tallies


def test_an_error_that_no_strategy_matches_has_no_plan():
    strategy = {"name": "s", "match": {"category": "API"}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))

    assert recoveries.meet() is None


def test_a_match_may_speak_of_the_kind_of_error_and_of_the_very_error():
    strategy = {
        "name": "s",
        "match": {"severity": {"from": "HIGH"}, "message": {"contains": "route"}, "tags": "primary"},
        "steps": [{"action": "mend"}],
    }
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))

    assert recoveries.meet(an_error(tags=("replica",))) is None
    assert recoveries.meet(an_error(tags=("primary",), severity="MEDIUM")) is None
    assert recoveries.meet(an_error(tags=("primary",))) is not None


def test_the_first_strategy_in_the_policy_that_matches_is_the_one():
    actions = Actions(first=lambda context: True, second=lambda context: True)
    strategies = [
        {"name": "a", "match": {"category": "API"}, "steps": [{"action": "first"}]},
        {"name": "b", "match": {}, "steps": [{"action": "second"}]},
    ]
    recoveries = Recoveries(strategies, actions)

    assert recoveries.meet().strategy == "b"


def test_a_registered_function_is_called_with_the_error_for_its_type_and_those_below():
    infos = []

    def database_recovery(error_info):
        infos.append(error_info)
        return True

    recoveries = Recoveries([], Actions())
    recoveries.manager.register_strategy(sqlite3.DatabaseError, database_recovery)
    mro = ("sqlite3.OperationalError", "sqlite3.DatabaseError", "sqlite3.Error", "Exception")

    plan = recoveries.meet(an_error(type=mro[0], mro=mro, id="e7"))
    recoveries.clock.advance()

    assert plan.strategy == "database_recovery for DatabaseError"
    assert [info.id for info in infos] == ["e7"]
    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"


def test_a_registered_function_that_returns_false_or_raises_has_failed():
    def explode(info):
        raise RuntimeError

    for function in (lambda info: False, explode):
        recoveries = Recoveries([], Actions())
        recoveries.manager.register_strategy(OSError, function, name="f")
        plan = recoveries.meet()
        recoveries.clock.advance()
        assert recoveries.manager.recovery(plan.recovery_id).status == "failed"


def test_a_registered_function_may_be_asynchronous():
    async def reconnect(info):
        return False

    recoveries = Recoveries([], Actions())
    recoveries.manager.register_strategy(OSError, reconnect)

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "failed"


def test_the_function_of_the_nearest_type_is_called():
    called = []
    recoveries = Recoveries([], Actions())
    recoveries.manager.register_strategy(Exception, lambda info: called.append("Exception"))
    recoveries.manager.register_strategy(OSError, lambda info: called.append("OSError"))

    recoveries.meet()
    recoveries.clock.advance()

    assert called == ["OSError"]


def test_a_strategy_of_the_policy_wins_over_a_registered_function_where_it_matches():
    called = []
    strategy = {"name": "s", "match": {"category": "DATABASE"}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], Actions(mend=lambda context: called.append("policy")))
    recoveries.manager.register_strategy(OSError, lambda info: called.append("program"))

    recoveries.meet()
    recoveries.meet(an_error(category="API"))
    recoveries.clock.advance()

    assert called == ["policy", "program"]


def test_what_is_no_exception_class_cannot_be_registered():
    with pytest.raises(TypeError, match="exception class"):
        Recoveries([], Actions()).manager.register_strategy("OSError", lambda info: True)


def test_an_error_inside_a_recovery_starts_none():
    inner = []

    def mend(context):
        inner.append(recoveries.meet(an_error(id="inner", category="API")))

    strategies = [
        {"name": "s", "match": {"category": "DATABASE"}, "steps": [{"action": "mend"}]},
        {"name": "other", "match": {"category": "API"}, "steps": [{"action": "mend"}]},
    ]
    recoveries = Recoveries(strategies, Actions(mend=mend))

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert [(each.status, each.refusal, each.recovery_id) for each in inner] == [
        ("skipped", "recursion", plan.recovery_id)
    ]
    assert recoveries.meet(an_error(category="API")).status == "waiting"


def test_an_error_inside_an_asynchronous_recovery_starts_none():
    inner = []

    async def reconnect(info):
        inner.append(recoveries.meet())

    recoveries = Recoveries([], Actions())
    recoveries.manager.register_strategy(OSError, reconnect)
    recoveries.meet()
    recoveries.clock.advance()

    assert inner[0].refusal == "recursion"


def test_a_dry_run_executes_no_action_and_tells_what_would_have_run():
    actions = Actions(mend=lambda context: True)
    strategy = {"name": "s", "match": {}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], actions, dry=True)

    plan = recoveries.meet()
    recoveries.clock.advance()

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert actions.calls == []
    assert recovery.dry
    assert recovery.steps[0].detail == "would have run"
    assert recoveries.statuses == ["waiting", "running", "succeeded"]


def test_a_dry_run_takes_the_outcomes_that_a_test_scripts():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries(
        [strategy], Actions(mend=lambda context: True), dry=True, script=lambda strategy, action: action != "mend"
    )

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "failed"


def test_statistics_are_plain_data_and_say_nothing_of_a_rate_before_anything_ended():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "pause"}]}
    recoveries = Recoveries([strategy], Actions(pause=lambda context: Delay(4.0)))
    recoveries.meet()

    before = recoveries.manager.statistics()
    assert (before["started"], before["success_rate"], before["active"]) == (1, None, 1)
    recoveries.meet()
    recoveries.clock.advance(10)

    after = json.loads(json.dumps(recoveries.manager.statistics()))
    assert after["by_strategy"]["s"] == {
        "started": 1,
        "succeeded": 1,
        "failed": 0,
        "cancelled": 0,
        "success_rate": 1.0,
        "mean_seconds_to_recover": 4.0,
        "skipped": {"target": 1},
    }
    recoveries.manager.reset_statistics()
    assert recoveries.manager.statistics()["started"] == 0


def test_who_waits_for_a_recovery_is_told_its_result_and_a_broken_waiter_costs_nobody():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))
    told = []

    def broken(recovery):
        raise RuntimeError

    plan = recoveries.meet()
    assert recoveries.manager.when_ended(plan.recovery_id, broken)
    assert recoveries.manager.when_ended(plan.recovery_id, told.append)
    recoveries.clock.advance()

    assert [recovery.status for recovery in told] == ["succeeded"]
    assert recoveries.faults == ["a callback that waits for a recovery"]
    assert not recoveries.manager.when_ended(plan.recovery_id, told.append)


def test_a_listener_that_raises_costs_no_recovery():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))

    def broken(event):
        raise RuntimeError

    recoveries.manager._publish = broken
    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"
    assert "publishing a recovery's status" in recoveries.faults


def test_a_recovery_is_plain_data():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "mend"}]}
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))
    plan = recoveries.meet()
    recoveries.clock.advance()

    data = json.loads(json.dumps(recoveries.manager.recovery(plan.recovery_id).to_dict()))

    assert data["status"] == "succeeded"
    assert data["started"] == "1970-01-01T00:00:00+00:00"
    assert data["steps"] == [{"action": "mend", "succeeded": True, "detail": "", "seconds": 0.0}]


def test_statistics_by_target_are_kept_for_each_value_of_its_context_key():
    strategy = {"name": "s", "match": {}, "steps": [{"action": "heal"}], "target": "database"}
    recoveries = Recoveries([strategy], Actions(heal=lambda context: context.info.context["database"] == "orders"))

    for database in ("orders", "prices", "orders"):
        recoveries.meet(an_error(context={"database": database}))
        recoveries.clock.advance(1)

    by_target = recoveries.manager.statistics()["by_target"]["database"]
    assert {name: (each["started"], each["success_rate"]) for name, each in by_target.items()} == {
        "orders": (2, 1.0),
        "prices": (1, 0.0),
    }


def test_targets_past_their_bound_are_counted_together():
    tallies = Tallies(max_targets=2)
    strategy = Strategy("s", steps=(), target="host")

    for host in ("a", "b", "c", "d", "a"):
        tallies.started(strategy, ("host", host))

    counts = {name: each["started"] for name, each in tallies.to_dict()["by_target"]["host"].items()}
    assert counts == {"a": 2, "b": 1, "other": 2}


def test_a_strategy_without_a_target_has_no_counts_by_target():
    recoveries = Recoveries(
        [{"name": "s", "match": {}, "steps": [{"action": "heal"}]}], Actions(heal=lambda context: True)
    )
    recoveries.meet()
    recoveries.clock.advance(1)

    assert recoveries.manager.statistics()["by_target"] == {}
