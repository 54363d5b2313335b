"""A plugin's metrics: what conditions read, what is refused, and when nobody asks."""

from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

QUEUE = """
DEPTH = [5000.0]

@hookimpl
def policy_engine_metrics():
    return [MetricSource("acme.queue_depth", lambda metric: DEPTH[0], "Orders that wait.")]
"""
TRIGGER = """
[degradation]
levels = ["full", "degraded"]
[[degradation.triggers]]
name = "queue-grows"
level = "degraded"
when = { metric = "acme.queue_depth", above = 100 }
"""


def the_depth(engine):
    (value,) = engine.degradation.measure().values()
    return value


def test_a_plugin_s_metric_moves_a_level(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE)
    engine, clock = an_engine(a_policy_file(tmp_path, TRIGGER))

    clock.advance(5)

    assert engine.level() == "degraded"


def test_a_replay_does_not_ask_a_plugin_s_metric(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE.replace("DEPTH[0],", "1 / 0,"))
    engine, clock = an_engine(a_policy_file(tmp_path, TRIGGER), dry=True)

    clock.advance(5)

    assert the_depth(engine) is None
    assert engine.statistics()["engine_faults"] == 0


def test_what_the_program_supplies_wins_over_the_plugin(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE)
    engine, _ = an_engine(a_policy_file(tmp_path, TRIGGER))

    engine.supply("acme.queue_depth", lambda metric: 7.0)
    engine.reload()

    assert the_depth(engine) == 7.0


def test_a_metric_is_silent_once_a_reload_no_longer_names_its_plugin(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE)
    engine, _ = an_engine(a_policy_file(tmp_path, TRIGGER))
    assert the_depth(engine) == 5000.0

    a_policy_file(tmp_path, TRIGGER, plugins=())
    engine.reload()

    assert the_depth(engine) is None


def test_a_metric_that_raises_has_no_value_and_is_counted(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE.replace("DEPTH[0],", "1 / 0,"))
    engine, _ = an_engine(a_policy_file(tmp_path, TRIGGER))

    assert the_depth(engine) is None
    assert engine.statistics()["engine_faults"] == 1


@pytest.mark.parametrize(("answer", "value", "faults"), [("'many'", None, 1), ("[]", None, 1), ("'7'", 7.0, 0)])
def test_a_metric_that_is_no_number_stays_away_from_the_error_that_is_handled(
    answer: str, value: float | None, faults: int, tmp_path: Path
) -> None:
    a_plugin(tmp_path, QUEUE.replace("DEPTH[0],", f"{answer},"))
    engine, _ = an_engine(a_policy_file(tmp_path, TRIGGER))

    assert the_depth(engine) == value
    assert engine.statistics()["engine_faults"] == faults
    assert engine.handle(ValueError("bad")).fingerprint


@pytest.mark.parametrize(
    ("written", "help_text"),
    [
        ("acme.queue_dept", 'did you mean "acme.queue_depth"?'),
        ("acme.threads", "the plugins bring: acme.queue_depth"),
        ("amce.queue_depth", 'did you mean "acme.queue_depth"?'),
    ],
)
def test_a_misspelt_metric_of_a_loaded_plugin_is_told_at_its_place(
    written: str, help_text: str, tmp_path: Path
) -> None:
    a_plugin(tmp_path, QUEUE)
    path = a_policy_file(tmp_path, TRIGGER.replace("acme.queue_depth", written))

    (found,) = findings(path)

    assert (found.code, found.severity, found.help) == ("PE210", "warning", help_text)
    assert found.span is not None
    assert (found.span.line, found.span.column) == (8, 19)


def test_a_metric_that_only_the_program_knows_is_not_told(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE)

    assert findings(a_policy_file(tmp_path, TRIGGER.replace("acme.queue_depth", "shop.queue"))) == []


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        ("'acme.queue'", "policy_engine_metrics gave a str, not a MetricSource"),
        ("MetricSource('queue', len)", '"queue" is no name for a metric'),
        ("MetricSource('acme.queue', 3)", 'the metric "acme.queue" has nothing that can be called'),
        ("MetricSource('acme.queue', later)", 'the metric "acme.queue" is asynchronous, and nobody would await it'),
    ],
)
def test_a_metric_that_cannot_be_read_is_refused(brought: str, told: str, tmp_path: Path) -> None:
    a_plugin(
        tmp_path, f"async def later(metric): ...\n@hookimpl\ndef policy_engine_metrics():\n    return [{brought}]\n"
    )

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert found.code == "PE406"
    assert told in found.message


def test_two_plugins_with_one_metric_are_refused_naming_both(tmp_path: Path) -> None:
    a_plugin(tmp_path, QUEUE)
    a_plugin(tmp_path, QUEUE, "other.py")

    (found,) = findings(a_policy_file(tmp_path, "", ["acme.py", "other.py"]))

    assert found.code == "PE405"
    assert found.message == (
        'plugin "other.py" brings the metric "acme.queue_depth", which plugin "acme.py" brings too'
    )
