import pytest
from degrade.degrade_support import Service, a_trigger

from policy_engine.degrade import compile_degradation
from policy_engine.errors import UnknownNameError


def test_a_trigger_that_did_not_change_keeps_its_state():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=31)
    service.pass_time(15)
    service.degradation.adopt(
        compile_degradation({"triggers": [a_trigger("another", "emergency", 90), a_trigger(**{"for": "20s"})]})
    )
    service.pass_time(5)
    assert service.level == "degraded"


def test_a_trigger_that_changed_lets_go_by_its_new_release():
    service = Service({"triggers": [a_trigger()]})
    service.see(error_rate=31)
    service.degradation.adopt(compile_degradation({"triggers": [a_trigger(above=40)]}))
    assert service.level == "full"


def test_a_threshold_tuned_in_an_incident_does_not_bounce_the_level():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=50)
    service.pass_time(20)
    service.degradation.adopt(compile_degradation({"triggers": [a_trigger(above=40, **{"for": "20s"})]}))
    service.pass_time(60)
    assert service.moves == [("full", "degraded", "too-many-errors")]


def test_a_trigger_that_waited_and_changed_waits_anew():
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=50)
    service.pass_time(15)
    service.degradation.adopt(compile_degradation({"triggers": [a_trigger(above=40, **{"for": "20s"})]}))
    service.pass_time(19)
    assert service.level == "full"
    service.pass_time(1)
    assert service.level == "degraded"


@pytest.mark.parametrize(("longer", "further"), [("20s", 5), ("40s", 25), ("10s", 0)])
def test_a_wait_that_is_made_longer_or_shorter_goes_on_from_where_it_began(longer: str, further: float) -> None:
    service = Service({"triggers": [a_trigger(**{"for": "20s"})]})
    service.see(error_rate=50)
    service.pass_time(15)
    service.degradation.adopt(compile_degradation({"triggers": [a_trigger(level="minimal", **{"for": longer})]}))
    service.degradation.evaluate()
    if further:
        service.pass_time(further - 1)
        assert service.level == "full"
        service.pass_time(1)
    assert service.level == "minimal"


def test_a_release_that_has_waited_goes_on_when_only_its_time_changes() -> None:
    service = Service({"triggers": [a_trigger(release={"below": 10, "for": "60s"})]})
    service.see(error_rate=50)
    service.see(error_rate=5)
    service.pass_time(40)
    service.degradation.adopt(compile_degradation({"triggers": [a_trigger(release={"below": 10, "for": "50s"})]}))
    service.pass_time(9)
    assert service.level == "degraded"
    service.pass_time(1)
    assert service.level == "full"


def test_a_level_keeps_its_name_when_the_list_of_levels_changes():
    service = Service({"triggers": [a_trigger(level="minimal")]})
    service.see(error_rate=31)
    levels = ["full", "slow", "degraded", "minimal", "emergency"]
    service.degradation.adopt(compile_degradation({"levels": levels, "triggers": [a_trigger(level="minimal")]}))
    service.degradation.evaluate()
    assert service.level == "minimal"
    assert len(service.events) == 1


def test_a_pin_on_a_level_that_is_gone_is_let_go_and_told():
    service = Service()
    service.degradation.set_level("minimal", "deploy")
    service.degradation.adopt(compile_degradation({"levels": ["full", "off"]}))
    assert service.level == "full"
    assert service.moves[-1] == ("minimal", "full", "reload")


def test_an_unknown_level_or_component_is_refused_with_a_suggestion():
    degradation = Service().degradation
    with pytest.raises(UnknownNameError, match='unknown level "minimul": did you mean "minimal"'):
        degradation.set_level("minimul", "typo")
    with pytest.raises(UnknownNameError, match='unknown component "charts"'):
        degradation.set_level("minimal", "no such", component="charts")
    with pytest.raises(UnknownNameError, match="full, degraded, minimal, emergency"):
        degradation.allows("zzz")


def test_a_component_is_never_better_than_the_service_and_may_be_worse():
    charts = [{"name": "slow", "level": "minimal", "when": {"metric": "slow_calls", "window": "1m", "above": 3}}]
    service = Service({"triggers": [a_trigger()], "components": {"charts": {"triggers": charts}}})
    assert service.degradation.level("charts") == "full"
    service.see(slow_calls=5)
    assert (service.level, service.degradation.level("charts")) == ("full", "minimal")
    assert [event.component for event in service.events] == ["charts"]
    service.see(error_rate=31)
    assert (service.level, service.degradation.level("charts")) == ("degraded", "minimal")
    service.degradation.set_level("emergency", "fire")
    assert service.degradation.level("charts") == "emergency"
    service.degradation.set_level("full", "calm", component="charts")
    assert service.degradation.level("charts") == "emergency"
    assert service.degradation.level("never defined") == "emergency"
