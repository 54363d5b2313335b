import pytest
from degrade.degrade_support import START, Service, a_trigger

from policy_engine.degrade import compile_degradation


def test_a_service_begins_at_its_best_level():
    assert Service().level == "full"
    assert Service({"levels": ["green", "red"]}).level == "green"


def test_a_trigger_without_a_for_lowers_the_level_at_once():
    service = Service({"triggers": [a_trigger(level="minimal")]})
    service.see(error_rate=31)
    assert service.level == "minimal"


def test_a_trigger_waits_until_its_condition_has_held():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=31)
    service.pass_time(19.9)
    assert service.level == "full"
    service.pass_time(0.1)
    assert service.level == "degraded"


def test_an_interrupted_condition_starts_over():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=31)
    service.pass_time(15)
    service.see(error_rate=30)
    service.see(error_rate=31)
    service.pass_time(19)
    assert service.level == "full"
    service.pass_time(1)
    assert service.level == "degraded"


def test_a_level_rises_when_the_release_has_held_and_not_before():
    service = Service({"triggers": [a_trigger(release={"below": 10, "for": "2m"})]})
    service.see(error_rate=31)
    service.see(error_rate=15)
    service.pass_time(600)
    assert service.level == "degraded"
    service.see(error_rate=9)
    service.pass_time(119)
    assert service.level == "degraded"
    service.pass_time(1)
    assert service.level == "full"


def test_an_interrupted_release_starts_over():
    service = Service({"triggers": [a_trigger(release={"below": 10, "for": "2m"})]})
    service.see(error_rate=31)
    service.see(error_rate=9)
    service.pass_time(100)
    service.see(error_rate=10)
    service.see(error_rate=9)
    service.pass_time(119)
    assert service.level == "degraded"


def test_without_a_comparison_the_release_is_that_the_condition_no_longer_holds():
    service = Service({"triggers": [a_trigger(release={"for": "5s"})]})
    service.see(error_rate=31)
    service.see(error_rate=30)
    service.pass_time(5)
    assert service.level == "full"


def test_the_release_of_several_metrics_names_its_own_condition():
    when = {"any": [{"metric": "error_rate", "window": "1m", "above": 30}, {"metric": "open_breakers", "above": 0}]}
    release = {"when": {"metric": "open_breakers", "at_most": 0}}
    service = Service({"triggers": [{"name": "t", "level": "minimal", "when": when, "release": release}]})
    service.see(error_rate=0, open_breakers=1)
    service.see(error_rate=99)
    assert service.level == "minimal"
    service.see(open_breakers=0, error_rate=0)
    assert service.level == "degraded"
    service.pass_time(30)
    assert service.level == "full"


def test_a_release_that_compares_nothing_in_particular_is_refused():
    when = {"any": [{"metric": "error_rate", "window": "1m", "above": 30}, {"metric": "open_breakers", "above": 0}]}
    with pytest.raises(ValueError, match=r'trigger "t".*2 metrics.*release\.when'):
        compile_degradation({"triggers": [{"name": "t", "level": "minimal", "when": when, "release": {"below": 1}}]})


def test_the_worst_trigger_in_force_decides():
    service = Service(
        {"probation": "0s", "triggers": [a_trigger("a", "degraded", 10), a_trigger("b", "emergency", 50)]}
    )
    service.see(error_rate=60)
    assert service.level == "emergency"
    service.see(error_rate=20)
    assert service.level == "degraded"
    service.see(error_rate=0)
    assert service.level == "full"


def test_a_change_says_why_and_with_which_values():
    service = Service({"triggers": [a_trigger(**{"for": "20s", "release": {"below": 10, "for": "2m"}})]})
    service.see(error_rate=42)
    service.pass_time(20)
    service.see(error_rate=4)
    service.pass_time(120)
    fell, rose = service.events
    assert (fell.before, fell.after, fell.cause, fell.time) == ("full", "degraded", "too-many-errors", START + 20)
    assert fell.reason == "error_rate 60s > 30, for 20 s"
    assert fell.values == {"error_rate": 42}
    assert (rose.before, rose.after, rose.cause, rose.time) == ("degraded", "full", "too-many-errors", START + 140)
    assert rose.reason == "error_rate 60s < 10, for 120 s"
    assert rose.values == {"error_rate": 4}


def test_history_knows_how_long_each_level_lasted():
    service = Service({"triggers": [a_trigger()]})
    service.see(error_rate=42)
    service.pass_time(30)
    service.see(error_rate=0)
    service.pass_time(12)
    assert [(entry.after, entry.seconds) for entry in service.degradation.history] == [("degraded", 30), ("full", None)]


def test_history_is_bounded():
    service = Service({"triggers": [a_trigger()], "flap_limit": {"hold": "0s"}, "probation": "0s"})
    for turn in range(1200):
        service.see(error_rate=99 * (turn % 2))
    assert len(service.degradation.history) == 1000


def test_a_condition_that_time_alone_can_make_true_is_looked_at_every_second():
    section = {"triggers": [{"name": "quiet", "level": "minimal", "when": {"metric": "heartbeats", "below": 1}}]}
    service = Service(section, heartbeats=5)
    service.pass_time(10)
    service.values["heartbeats"] = 0
    service.pass_time(1)
    assert service.level == "minimal"


def test_an_idle_service_wants_no_timer():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=0)
    assert service.clock._due == []
    service.see(error_rate=31)
    assert service.clock._due != []
    service.values["error_rate"] = 0
    service.pass_time(2)
    assert service.clock._due == []


def test_a_step_of_the_wall_clock_changes_nothing():
    service = Service({"triggers": [a_trigger(**{"for": "20s", "release": {"below": 10, "for": "2m"}})]})
    service.see(error_rate=31)
    service.clock.set_time(START - 86_400)
    service.pass_time(20)
    assert service.level == "degraded"
    service.clock.set_time(START + 86_400)
    service.see(error_rate=0)
    service.pass_time(119)
    assert service.level == "degraded"
    service.pass_time(1)
    assert service.level == "full"


def test_few_events_do_not_degrade_a_service_at_night():
    trigger = {
        "name": "ratio",
        "level": "degraded",
        "minimum_events": 20,
        "when": {"metric": "error_ratio", "window": "5m", "at_least": 0.5},
    }
    service = Service({"triggers": [trigger]})
    service.see(error_ratio=0.5, calls=2)
    assert service.level == "full"
    service.see(error_ratio=0.5, calls=20)
    assert service.level == "degraded"


def test_silence_releases_unless_the_trigger_holds_it():
    def trigger(**keys):
        when = {"metric": "error_ratio", "window": "1m", "above": 0.5}
        return {"name": "ratio", "level": "degraded", "when": when, "release": {"below": 0.1, "for": "10s"}, **keys}

    for when_idle, expected in (("release", "full"), ("hold", "degraded")):
        service = Service({"triggers": [trigger(when_idle=when_idle)]})
        service.see(error_ratio=0.9, calls=50)
        service.see(error_ratio=None, calls=0, errors=0)
        service.pass_time(3600)
        assert service.level == expected


def test_a_level_held_in_silence_is_released_by_good_calls():
    when = {"metric": "error_rate", "window": "1m", "above": 30}
    service = Service({"triggers": [{"name": "t", "level": "degraded", "when": when, "when_idle": "hold"}]})
    service.see(error_rate=31, errors=31, calls=0)
    service.see(error_rate=0, errors=0, calls=0)
    assert service.level == "degraded"
    service.see(calls=5)
    assert service.level == "full"


def test_a_trigger_by_steps_goes_one_level_further_each_time_it_has_held():
    trigger = {"name": "t", "steps": 1, "when": {"metric": "load", "above": 1}, "for": "10s", "release": {"for": "5s"}}
    service = Service({"triggers": [trigger], "probation": "0s"}, load=2)
    levels = []
    service.degradation.evaluate()
    for _ in range(5):
        levels.append(service.level)
        service.pass_time(10)
    assert levels == ["full", "degraded", "minimal", "emergency", "emergency"]
    service.values["load"] = 0
    service.pass_time(6)
    assert service.level == "full"
