from recover.recovery_makers import Actions, Recoveries, an_error

from policy_engine.clock import VirtualClock
from policy_engine.recover import Delay

DATABASE = {"category": "DATABASE"}


def test_steps_run_in_order_off_the_calling_thread_and_the_recovery_succeeds():
    actions = Actions(dispose=lambda context: None, check=lambda context: True)
    recoveries = Recoveries(
        [{"name": "reconnect", "match": DATABASE, "steps": [{"action": "dispose"}, {"action": "check"}]}], actions
    )

    plan = recoveries.meet()

    assert plan.status == "waiting"
    assert actions.calls == []
    recoveries.clock.advance()
    assert actions.calls == ["dispose", "check"]
    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert recovery.status == "succeeded"
    assert [(step.action, step.succeeded) for step in recovery.steps] == [("dispose", True), ("check", True)]
    assert recoveries.statuses == ["waiting", "running", "succeeded"]


def test_after_a_failure_success_steps_are_left_out_and_failure_and_always_steps_run():
    actions = Actions(
        first=lambda context: False, good=lambda context: True, bad=lambda context: True, end=lambda context: True
    )
    steps = [
        {"action": "bad", "on": "failure"},
        {"action": "first"},
        {"action": "good"},
        {"action": "bad", "on": "failure"},
        {"action": "end", "on": "always"},
    ]
    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": steps}], actions)

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert actions.calls == ["first", "bad", "end"]
    assert recoveries.manager.recovery(plan.recovery_id).status == "failed"


def test_an_action_that_raises_fails_its_step_and_tells_its_type_but_not_its_message():
    def leak(context):
        raise ConnectionError("postgres://user:hunter2@db")

    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": [{"action": "leak"}]}], Actions(leak=leak))

    plan = recoveries.meet()
    recoveries.clock.advance()

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert recovery.status == "failed"
    assert recovery.steps[0].detail == "ConnectionError"
    assert "hunter2" not in str(recovery.to_dict())
    assert "hunter2" not in str(recoveries.events)
    assert recoveries.manager.statistics()["by_action"] == {"leak": {"succeeded": 0, "failed": 1, "success_rate": 0.0}}


def test_an_action_that_calls_for_exit_is_a_failed_step_and_ends_no_worker():
    def leave(context):
        raise SystemExit(3)

    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": [{"action": "leave"}]}], Actions(leave=leave))

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).steps[0].detail == "SystemExit"


def test_failed_attempts_are_repeated_with_backoff_until_they_are_used_up():
    actions = Actions(dispose=lambda context: False)
    strategy = {
        "name": "s",
        "match": DATABASE,
        "steps": [{"action": "dispose"}],
        "attempts": 3,
        "backoff": {"kind": "exponential", "initial": "1s", "max": "30s"},
    }
    recoveries = Recoveries([strategy], actions)

    plan = recoveries.meet()
    recoveries.clock.advance(0.999)
    assert len(actions.calls) == 1
    assert recoveries.manager.recovery(plan.recovery_id).status == "waiting"
    recoveries.clock.advance(0.001)
    assert len(actions.calls) == 2
    recoveries.clock.advance(2.0)

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert [context.attempt for context in actions.contexts] == [1, 2, 3]
    assert recovery.status == "exhausted"
    assert recovery.attempt == 3
    assert recovery.seconds == 3.0
    assert recoveries.statuses == ["waiting", "running", "waiting", "running", "waiting", "running", "exhausted"]


def test_a_second_attempt_that_works_makes_the_recovery_succeed():
    answers = iter([False, True])
    actions = Actions(dispose=lambda context: next(answers))
    strategy = {"name": "s", "match": DATABASE, "steps": [{"action": "dispose"}], "attempts": 3}
    recoveries = Recoveries([strategy], actions)

    plan = recoveries.meet()
    recoveries.clock.advance(60)

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"
    assert len(actions.calls) == 2


def test_a_delay_holds_the_next_step_back_and_no_worker():
    actions = Actions(pause=lambda context: Delay(10.0), go=lambda context: True)
    recoveries = Recoveries(
        [{"name": "s", "match": DATABASE, "steps": [{"action": "pause"}, {"action": "go"}]}], actions
    )

    plan = recoveries.meet()
    recoveries.clock.advance(9.9)
    assert actions.calls == ["pause"]
    assert recoveries.manager.recovery(plan.recovery_id).status == "running"
    recoveries.clock.advance(0.1)

    assert actions.calls == ["pause", "go"]
    assert recoveries.manager.recovery(plan.recovery_id).steps[0].seconds == 10.0


def test_a_delay_longer_than_the_default_timeout_is_no_failure():
    recoveries = Recoveries(
        [{"name": "s", "match": DATABASE, "steps": [{"action": "pause"}]}], Actions(pause=lambda context: Delay(300.0))
    )

    plan = recoveries.meet()
    recoveries.clock.advance(300)

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"


def test_a_step_s_own_timeout_bounds_its_waiting_too():
    recoveries = Recoveries(
        [{"name": "s", "match": DATABASE, "steps": [{"action": "pause", "timeout": "5s"}]}],
        Actions(pause=lambda context: Delay(300.0)),
    )

    plan = recoveries.meet()
    recoveries.clock.advance(5)

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert recovery.status == "failed"
    assert recovery.steps[0].detail == "its time of 5 s was up"
    assert recoveries.manager.statistics()["hung_actions"] == 0


def a_hung_action(clock: VirtualClock, seconds: float):
    """An action during which time passes: what else is due happens before it returns."""

    def hang(context):
        clock.advance(seconds)
        return True

    return hang


def test_a_hung_step_fails_when_its_time_is_up_and_its_late_result_is_dropped():
    clock = VirtualClock()
    actions = Actions(hang=a_hung_action(clock, 60.0), mend=lambda context: True)
    steps = [{"action": "hang", "timeout": "5s"}, {"action": "mend", "on": "failure"}]
    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": steps}], actions, clock=clock)

    plan = recoveries.meet()
    clock.advance(100)

    recovery = recoveries.manager.recovery(plan.recovery_id)
    assert actions.calls == ["hang", "mend"]
    assert [(step.action, step.succeeded) for step in recovery.steps] == [("hang", False), ("mend", True)]
    assert recovery.status == "failed"
    assert recovery.seconds == 5.0
    assert recoveries.manager.statistics()["hung_actions"] == 0


def test_hung_actions_are_never_more_than_the_concurrency_allows():
    clock = VirtualClock()
    seen = []

    def hang(context):
        seen.append(recoveries.manager.statistics()["hung_actions"])
        clock.advance(30.0)
        return True

    strategy = {
        "name": "s",
        "match": DATABASE,
        "steps": [{"action": "hang", "timeout": "1s"}],
        "attempts": 10,
        "backoff": {"kind": "constant", "initial": "1s"},
    }
    recoveries = Recoveries([strategy], Actions(hang=hang), clock=clock, section={"concurrency": 2})

    plan = recoveries.meet()
    clock.advance(100)

    assert max(seen) < 2
    assert recoveries.manager.recovery(plan.recovery_id).status == "exhausted"
    assert recoveries.manager.statistics()["hung_actions"] == 0


def test_an_asynchronous_action_is_awaited():
    async def connect(context):
        return True

    strategy = {"name": "s", "match": DATABASE, "steps": [{"action": "connect"}]}
    recoveries = Recoveries([strategy], Actions(connect=connect))

    plan = recoveries.meet()
    recoveries.clock.advance()

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"


def test_actions_get_the_error_the_parameters_and_a_deadline():
    actions = Actions(dispose=lambda context: True)
    steps = [{"action": "dispose", "timeout": "5s", "pool": "main", "on": "always"}]
    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": steps}], actions)

    recoveries.meet(an_error(id="e42"))
    recoveries.clock.advance()

    (context,) = actions.contexts
    assert context.info.id == "e42"
    assert context.parameters == {"pool": "main"}
    assert context.deadline == 5.0


def test_a_full_queue_of_work_delays_a_recovery_and_loses_none():
    clock = VirtualClock()
    refusals = iter([False, False])
    submit = clock.submit
    clock.submit = lambda task: next(refusals, True) and submit(task)
    actions = Actions(dispose=lambda context: True)
    recoveries = Recoveries([{"name": "s", "match": DATABASE, "steps": [{"action": "dispose"}]}], actions, clock=clock)

    plan = recoveries.meet()
    clock.advance(1.5)
    assert recoveries.manager.recovery(plan.recovery_id).status == "waiting"
    clock.advance(1.0)

    assert recoveries.manager.recovery(plan.recovery_id).status == "succeeded"
