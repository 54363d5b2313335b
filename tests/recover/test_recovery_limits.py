from recover.recovery_makers import Actions, Recoveries, an_error

from policy_engine.recover import Delay

DATABASE = {"category": "DATABASE"}


def a_strategy(**fields):
    return {"name": "s", "match": DATABASE, "steps": [{"action": "mend"}], **fields}


def on_database(name: str):
    return an_error(context={"database": name})


def test_one_target_is_recovered_once_at_a_time_and_others_learn_of_the_one_under_way():
    recoveries = Recoveries([a_strategy(target="database")], Actions(mend=lambda context: True))

    first = recoveries.meet(on_database("orders"))
    second = recoveries.meet(on_database("orders"))
    other = recoveries.meet(on_database("users"))

    assert (second.status, second.refusal, second.recovery_id) == ("skipped", "target", first.recovery_id)
    assert other.status == "waiting"
    recoveries.clock.advance()
    assert recoveries.meet(on_database("orders")).status == "waiting"


def test_a_target_is_shared_by_all_strategies_that_name_its_key():
    strategies = [
        a_strategy(name="a", match={"exception": "ConnectionError"}, target="database"),
        a_strategy(name="b", match={"exception": "OSError"}, target="database"),
    ]
    recoveries = Recoveries(strategies, Actions(mend=lambda context: True))

    first = recoveries.meet(on_database("orders"))
    second = recoveries.meet(an_error(mro=("OSError", "Exception"), context={"database": "orders"}))

    assert (second.strategy, second.recovery_id) == ("b", first.recovery_id)


def test_a_strategy_without_a_target_runs_one_at_a_time():
    recoveries = Recoveries([a_strategy()], Actions(mend=lambda context: True))

    first = recoveries.meet(on_database("orders"))

    assert recoveries.meet(on_database("users")).recovery_id == first.recovery_id


def test_past_its_intensity_a_strategy_is_skipped_until_the_period_frees_a_start():
    recoveries = Recoveries([a_strategy(intensity={"at_most": 2, "within": "10s"})], Actions(mend=lambda context: True))

    outcomes = []
    for _ in range(12):
        outcomes.append(recoveries.meet().refusal)
        recoveries.clock.advance(1)

    assert outcomes == [None, None, *["intensity"] * 8, None, None]


def test_past_its_intensity_the_next_strategy_that_matches_takes_over():
    strategies = [
        a_strategy(name="gentle", intensity={"at_most": 1, "within": "10m"}),
        a_strategy(name="hard", steps=[{"action": "restart"}]),
    ]
    actions = Actions(mend=lambda context: True, restart=lambda context: True)
    recoveries = Recoveries(strategies, actions)

    for _ in range(3):
        recoveries.meet()
        recoveries.clock.advance(1)

    assert actions.calls == ["mend", "restart", "restart"]


def test_intensity_counts_for_each_target_by_itself():
    strategy = a_strategy(target="database", intensity={"at_most": 1, "within": "10m"})
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True))

    recoveries.meet(on_database("orders"))
    recoveries.clock.advance(1)

    assert recoveries.meet(on_database("orders")).refusal == "intensity"
    assert recoveries.meet(on_database("users")).refusal is None


def test_a_policy_s_strategy_has_an_intensity_even_where_none_is_written():
    recoveries = Recoveries([a_strategy()], Actions(mend=lambda context: True))

    for _ in range(20):
        recoveries.meet()
        recoveries.clock.advance(1)

    assert recoveries.manager.statistics()["started"] == 5


def test_a_cooldown_begins_when_the_recovery_ends():
    recoveries = Recoveries([a_strategy(cooldown="30s")], Actions(mend=lambda context: True))

    recoveries.meet()
    recoveries.clock.advance(0)

    assert recoveries.meet().refusal == "cooldown"
    recoveries.clock.advance(30)
    assert recoveries.meet().refusal is None


def test_no_more_recoveries_run_at_once_than_the_concurrency_and_the_rest_wait_their_turn():
    recoveries = Recoveries(
        [a_strategy(target="database")], Actions(mend=lambda context: Delay(10.0)), section={"concurrency": 3}
    )
    plans = [recoveries.meet(on_database(f"db{number}")) for number in range(7)]

    running = []
    for _ in range(4):
        recoveries.clock.advance(5)
        running.append([recovery.target for recovery in recoveries.manager.active if recovery.status == "running"])
        recoveries.clock.advance(5)

    assert running == [["db0", "db1", "db2"], ["db3", "db4", "db5"], ["db6"], []]
    assert {recoveries.manager.recovery(plan.recovery_id).status for plan in plans} == {"succeeded"}


def test_targets_past_the_bound_share_one_place():
    strategy = a_strategy(target="database", intensity={"at_most": 1, "within": "10m"})
    recoveries = Recoveries([strategy], Actions(mend=lambda context: True), max_targets=2)

    outcomes = []
    for name in ("a", "b", "c", "d"):
        outcomes.append(recoveries.meet(on_database(name)).refusal)
        recoveries.clock.advance(1)

    assert outcomes == [None, None, None, "intensity"]
    recoveries.clock.advance(600)
    assert recoveries.meet(on_database("d")).refusal is None
    assert recoveries.manager.active[0].target == "d"


def test_a_reload_keeps_the_counts_of_a_strategy_that_stays():
    strategy = a_strategy(intensity={"at_most": 2, "within": "10m"})
    actions = Actions(mend=lambda context: True)
    recoveries = Recoveries([strategy], actions)
    recoveries.meet()
    recoveries.clock.advance(1)

    stricter = Recoveries([a_strategy(intensity={"at_most": 1, "within": "10m"})], actions)
    recoveries.manager.adopt(stricter.manager._options)

    assert recoveries.meet().refusal == "intensity"


def test_a_reload_under_a_recovery_lets_it_end_as_it_began():
    actions = Actions(mend=lambda context: True)
    recoveries = Recoveries([a_strategy()], actions)
    plan = recoveries.meet()

    recoveries.manager.adopt(Recoveries([], actions).manager._options)
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"
    assert recoveries.meet() is None


def test_the_history_keeps_no_more_than_its_bound():
    recoveries = Recoveries([a_strategy(target="database")], Actions(mend=lambda context: True), max_history=3)

    plans = [recoveries.meet(on_database(f"db{number}")) for number in range(5)]
    recoveries.clock.advance()

    assert [recovery.id for recovery in recoveries.manager.history] == [plan.recovery_id for plan in plans[2:]]
    assert recoveries.manager.recovery(plans[0].recovery_id) is None


def test_a_registered_function_is_called_no_more_than_sixty_times_a_minute():
    called = []
    recoveries = Recoveries([], Actions())
    recoveries.manager.register_strategy(OSError, lambda info: called.append(1))

    for _ in range(1000):
        recoveries.meet()
        recoveries.clock.advance(0.05)

    assert len(called) == 60
