import pytest
from degrade.degrade_support import Service, a_trigger


def test_a_level_rises_one_at_a_time_each_after_a_probation():
    service = Service({"triggers": [a_trigger(level="emergency")], "probation": "30s"})
    service.see(error_rate=31)
    service.see(error_rate=0)
    levels = [service.level]
    for _ in range(4):
        service.pass_time(29)
        levels.append(service.level)
        service.pass_time(1)
        levels.append(service.level)
    assert levels == ["minimal", "minimal", "degraded", "degraded", "full", "full", "full", "full", "full"]


def test_a_relapse_in_probation_falls_at_once():
    service = Service({"triggers": [a_trigger(level="emergency")], "probation": "30s"})
    service.see(error_rate=31)
    service.see(error_rate=0)
    service.pass_time(10)
    service.see(error_rate=31)
    assert service.level == "emergency"


def test_each_return_within_the_hour_holds_the_worse_level_twice_as_long():
    service = Service({"triggers": [a_trigger()], "flap_limit": {"within": "1h", "hold": "1m", "max": "3m"}})
    held = []
    for _ in range(5):
        service.see(error_rate=31)
        service.see(error_rate=0)
        seconds = 0
        while service.level != "full":
            service.pass_time(1)
            seconds += 1
        held.append(seconds)
    assert held == [0, 60, 120, 180, 180]


def test_flaps_are_forgotten_after_the_hour():
    service = Service({"triggers": [a_trigger()], "flap_limit": {"within": "1h", "hold": "1m"}})
    for _ in range(2):
        service.see(error_rate=31)
        service.see(error_rate=0)
        service.pass_time(60)
    service.pass_time(3600)
    service.see(error_rate=31)
    service.see(error_rate=0)
    service.pass_time(59)
    assert service.level == "degraded"
    service.pass_time(1)
    assert service.level == "full"


def test_a_deeper_fall_in_one_incident_is_no_flap():
    service = Service({"triggers": [a_trigger("a", "degraded", 10), a_trigger("b", "minimal", 20)], "probation": "0s"})
    service.see(error_rate=15)
    service.see(error_rate=25)
    service.see(error_rate=0)
    assert service.level == "full"


def test_a_pin_overrides_the_triggers_until_it_is_released():
    service = Service({"triggers": [a_trigger()]})
    service.degradation.set_level("minimal", "deploy", author="ada")
    assert service.level == "minimal"
    service.see(error_rate=31)
    assert service.level == "minimal"
    service.degradation.release_pin()
    assert service.level == "degraded"
    assert service.moves == [("full", "minimal", "manual"), ("minimal", "degraded", "manual")]
    assert [(entry.reason, entry.author) for entry in service.degradation.history] == [
        ("deploy", "ada"),
        ("pin released", ""),
    ]


def test_a_pin_can_hold_the_best_level():
    service = Service({"triggers": [a_trigger()]})
    service.degradation.set_level("full", "we know about it")
    service.see(error_rate=31)
    assert service.level == "full"
    assert service.moves == []


def test_a_pin_expires_by_itself():
    service = Service()
    service.degradation.set_level("minimal", "deploy", expires=90)
    service.pass_time(89.9)
    assert service.level == "minimal"
    service.pass_time(0.1)
    assert service.level == "full"
    assert service.moves[-1] == ("minimal", "full", "pin expired")


@pytest.mark.parametrize("expires", [0, -1, float("nan"), float("inf")])
def test_a_pin_that_cannot_expire_is_refused_and_changes_nothing(expires):
    service = Service()
    with pytest.raises(ValueError, match="a pin expires after seconds above 0"):
        service.degradation.set_level("minimal", "test", expires=expires)
    assert service.level == "full"
    assert service.degradation.history == ()
