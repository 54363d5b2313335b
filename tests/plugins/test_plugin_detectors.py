"""Scrub detectors that plugins bring, and those that a policy writes: where they look, and what is refused."""

from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

BADGE = """
@hookimpl
def policy_engine_detectors():
    return [Detector("acme.badge", ["BADGE-[0-9]{6}"], ["badge-"])]
"""
TEXT = "BADGE-123456 of bob@example.com"


@pytest.mark.parametrize(
    ("privacy", "message"),
    [
        ("", "[scrubbed] of [scrubbed]"),
        ('[privacy]\ndetectors = ["acme.badge"]', "[scrubbed] of bob@example.com"),
        ('[privacy]\ndetectors = ["email"]', "BADGE-123456 of [scrubbed]"),
    ],
)
def test_a_plugin_s_detector_looks_where_it_is_listed_or_no_list_is_there(
    privacy: str, message: str, tmp_path: Path
) -> None:
    a_plugin(tmp_path, BADGE)
    engine, _ = an_engine(a_policy_file(tmp_path, privacy))

    assert engine.handle(ValueError(TEXT)).message == message


def test_a_detector_that_no_plugin_brings_is_told_at_its_place(tmp_path: Path) -> None:
    a_plugin(tmp_path, BADGE)

    (found,) = findings(a_policy_file(tmp_path, '[privacy]\ndetectors = ["email", "acme.bagde"]\n'))

    assert (found.code, found.help) == ("PE212", 'did you mean "acme.badge"?')
    assert found.span is not None
    assert (found.span.line, found.span.column) == (3, 23)


def test_a_policy_s_pattern_that_re2_refuses_is_told_at_its_place_in_the_pattern(tmp_path: Path) -> None:
    a_plugin(tmp_path, BADGE)

    (found,) = findings(a_policy_file(tmp_path, "[privacy.patterns.badge]\nregex = 'BADGE-(?=1)[0-9]+'\n"))

    assert found.code == "PE301"
    assert found.span is not None
    assert (found.span.line, found.span.column) == (3, 16)


@pytest.mark.parametrize(
    ("detector", "told"),
    [
        ("Detector('badge', ['a'])", '"badge" is no name for a detector'),
        ("Detector('acme.badge', [])", "has no pattern"),
        ("Detector('acme.badge', None)", "has patterns that are no list of texts"),
        ("Detector('acme.badge', 'BADGE')", "has patterns that are no list of texts"),
        ("Detector('acme.badge', ['a'], [''])", "has literals that are no list of texts"),
        ("Detector('acme.badge', ['(?=a)'])", 'RE2 refuses its pattern "(?=a)"'),
    ],
)
def test_a_detector_that_cannot_look_is_refused(detector: str, told: str, tmp_path: Path) -> None:
    a_plugin(tmp_path, f"@hookimpl\ndef policy_engine_detectors():\n    return [{detector}]\n")

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert found.code == "PE406"
    assert told in found.message


def test_a_layer_switches_off_the_pattern_of_a_layer_below(tmp_path: Path) -> None:
    from policy_engine import load_policy

    (tmp_path / "base.toml").write_text("[privacy.patterns.badge]\nregex = 'BADGE-[0-9]{6}'\n")
    (tmp_path / "top.toml").write_text('extends = ["./base.toml"]\n[privacy.patterns.badge]\nenabled = false\n')

    assert load_policy(tmp_path / "top.toml").scrubber.text("BADGE-123456") == "BADGE-123456"
