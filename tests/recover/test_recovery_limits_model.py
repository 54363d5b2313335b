"""Random strategies and storms against a model written from the docs: the limits hold exactly."""

from collections import defaultdict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from recover.recovery_makers import Actions, Recoveries, an_error, an_info

from policy_engine.model import RecoveryChanged
from policy_engine.recover import Delay

TARGETS = ("orders", "users")


class Limits(RuleBasedStateMachine):
    @initialize(
        at_most=st.integers(1, 3),
        within=st.sampled_from([1, 5, 10, 30]),
        cooldown=st.sampled_from([0, 0, 1, 5]),
        concurrency=st.integers(1, 3),
        attempts=st.integers(1, 3),
        escalates=st.booleans(),
    )
    def make(self, at_most, within, cooldown, concurrency, attempts, escalates):
        self.at_most, self.within, self.cooldown, self.concurrency = at_most, within, cooldown, concurrency
        self.escalates = escalates
        self.work = (True, 0.0)
        self.starts, self.cool_until = defaultdict(list), defaultdict(lambda: -1.0)
        self.target_of, self.busy, self.escalated, self.escalating = {}, {}, set(), set()
        strategy = {
            "name": "s",
            "match": {},
            "steps": [{"action": "work"}],
            "attempts": attempts,
            "backoff": {"kind": "constant", "initial": "1s"},
            "intensity": {"at_most": at_most, "within": f"{within}s"},
            "target": "database",
            "cooldown": f"{cooldown}s",
        }
        if escalates:
            strategy["escalate"] = [{"action": "shout"}]
        actions = Actions(work=self.do_work, shout=lambda context: True)
        self.recoveries = Recoveries([strategy], actions, section={"concurrency": concurrency})
        self.recoveries.manager._publish = self.follow

    def do_work(self, context):
        worked, seconds = self.work
        return Delay(seconds) if worked and seconds else worked

    def follow(self, event: RecoveryChanged):
        target = self.target_of.get(event.recovery_id)
        if not event.status.finished or target is None:
            return
        if event.recovery_id in self.escalating:
            self.escalating.discard(event.recovery_id)
        else:
            del self.busy[target]
            self.cool_until[target] = self.recoveries.clock.monotonic() + self.cooldown

    @rule(worked=st.booleans(), seconds=st.sampled_from([0.0, 0.5, 3.0]))
    def work_goes(self, worked, seconds):
        self.work = (worked, seconds)

    @rule(seconds=st.sampled_from([0.0, 0.25, 1.0, 5.0, 30.0]))
    def time_passes(self, seconds):
        self.recoveries.clock.advance(seconds)

    @rule()
    def a_period_passes(self):
        self.recoveries.clock.advance(self.within)

    @rule(database=st.sampled_from(TARGETS), times=st.integers(1, 6), gap=st.sampled_from([0.0, 0.25, 1.0]))
    def errors_come(self, database, times, gap):
        for _ in range(times):
            self.an_error_comes(database)
            self.recoveries.clock.advance(gap)

    def an_error_comes(self, target):
        now = self.recoveries.clock.monotonic()
        in_window = [start for start in self.starts[target] if start > now - self.within]
        manager = self.recoveries.manager
        plan = manager.plan(an_error(context={"database": target}))
        if plan.recovery_id and plan.refusal is None:
            self.target_of[plan.recovery_id] = target

        if target in self.busy:
            assert (plan.refusal, plan.recovery_id) == ("target", self.busy[target])
        elif now < self.cool_until[target]:
            assert plan.refusal == "cooldown"
        elif len(in_window) < self.at_most:
            assert (plan.refusal, plan.strategy) == (None, "s")
            self.starts[target].append(now)
            self.busy[target] = plan.recovery_id
            self.escalated.discard(target)
        elif self.escalates and target not in self.escalated and not self.escalation_under_way(target):
            assert (plan.refusal, plan.strategy) == (None, "s (escalation)")
            self.escalated.add(target)
            self.escalating.add(plan.recovery_id)
        else:
            assert plan.refusal == "intensity"
        manager.start(plan, an_info(an_error()))

    def escalation_under_way(self, target):
        return any(self.target_of[recovery_id] == target for recovery_id in self.escalating)

    @invariant()
    def no_more_run_than_may(self):
        running = [each for each in self.recoveries.manager.active if each.status != "waiting"]
        assert len(running) <= self.concurrency

    @invariant()
    def one_at_a_time_for_each_target(self):
        names = [each.target for each in self.recoveries.manager.active if each.strategy == "s"]
        assert len(names) == len(set(names))

    @invariant()
    def no_period_holds_more_starts_than_allowed(self):
        for starts in self.starts.values():
            for last in starts:
                assert sum(last - self.within < start <= last for start in starts) <= self.at_most

    def teardown(self):
        if not hasattr(self, "recoveries"):
            return
        for _ in range(200):
            self.recoveries.clock.advance(1)
        assert self.recoveries.manager.active == ()
        statistics = self.recoveries.manager.statistics()
        assert statistics["started"] == statistics["succeeded"] + statistics["failed"]


TestLimits = Limits.TestCase
TestLimits.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
