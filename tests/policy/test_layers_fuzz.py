"""Random layers: never a crash, every finding inside its file, and what is shown means what was laid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.compile import check_layers
from policy_engine.policy import load, load_layers
from policy_engine.policy.written import as_toml

MESSY = settings(max_examples=150, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.sampled_from("abc")
ODD = st.sampled_from([1, "a", [], {}, True, ["a", 1], [{"name": "a"}], "${X", "${HOME}", {"name": "a"}])
CONTROLS = {"enabled": st.booleans(), "before": NAMES, "after": NAMES}


def entries(**own: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Entries of a section, most of them right, with keys of layers among their own."""
    return st.fixed_dictionaries({}, optional={**own, **CONTROLS, "enforce": st.booleans(), "odd": ODD})


rules = entries(name=NAMES, category=st.just("UNKNOWN"), match=st.just({"exception": "OSError"}), severity=ODD)
breakers = entries(failure_threshold=st.integers(1, 3), timeout=st.sampled_from(["1s", "${X:-2s}", "$${", "${"]))
components = st.fixed_dictionaries({}, optional={"triggers": st.lists(rules, max_size=2) | ODD, **CONTROLS})
sections = {
    "rules": st.lists(rules, max_size=3) | ODD,
    "breakers": st.dictionaries(NAMES, breakers | ODD, max_size=2) | ODD,
    "degradation": st.fixed_dictionaries({}, optional={"components": st.dictionaries(NAMES, components | ODD)}) | ODD,
    "recovery": st.fixed_dictionaries({}, optional={"strategies": st.lists(rules, max_size=2) | ODD}) | ODD,
    "plugins": st.lists(NAMES, max_size=2) | ODD,
    "bounds": st.fixed_dictionaries({}, optional={"queue": st.integers(1, 3), "history": ODD}) | ODD,
    "extends": st.lists(st.sampled_from(["0.toml", "1.toml", "2.toml", "none.toml", ".", "", "\0"]), max_size=2) | ODD,
}
layers = st.lists(st.fixed_dictionaries({}, optional=sections), min_size=1, max_size=3)


@MESSY
@given(layers)
def test_any_layers_are_laid_or_refused_with_findings_inside_their_files(
    tmp_path: Path, stacked: list[dict[str, Any]]
) -> None:
    files = [tmp_path / f"{number}.toml" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(tomli_w.dumps(stacked[number] if number < len(stacked) else {}).encode())
    checked = check_layers([[file] for file in files[: len(stacked)]], run_plugins=False)
    for diagnostic in checked.diagnostics:
        for span in (diagnostic.span, *(place.span for place in diagnostic.places)):
            if span is not None:
                lines = checked.sources[span.file].split("\n")
                assert 1 <= span.line <= span.end_line <= len(lines)
                assert 1 <= span.column <= len(lines[span.line - 1]) + 1
                assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1


right_rules = st.fixed_dictionaries(
    {"category": st.just("UNKNOWN"), "match": st.sampled_from([{"exception": "A"}, {"message": "b ${x}"}])},
    optional={"enabled": st.booleans(), "severity": st.sampled_from(["LOW", "HIGH"]), "enforce": st.booleans()},
)
right_layers = st.lists(
    st.fixed_dictionaries(
        {
            "rules": st.dictionaries(NAMES, right_rules, max_size=3).map(
                lambda named: [{"name": name, **rule} for name, rule in named.items()]
            ),
            "breakers": st.dictionaries(NAMES, st.fixed_dictionaries({"timeout": st.sampled_from(["1s", "${X:-2s}"])})),
        }
    ),
    min_size=1,
    max_size=3,
)


@MESSY
@given(right_layers)
def test_what_is_shown_means_what_was_laid(tmp_path: Path, stacked: list[dict[str, Any]]) -> None:
    files = [tmp_path / f"{number}.toml" for number in range(len(stacked))]
    for file, data in zip(files, stacked, strict=True):
        file.write_bytes(tomli_w.dumps({"schema_version": 1, **data}).encode())
    document = load_layers([[file] for file in files]).document
    assert document is not None
    by_name: dict[str, dict[str, Any]] = {}
    for data in stacked:
        for rule in data["rules"]:
            by_name[rule["name"]] = {**by_name.get(rule["name"], {}), **rule}
    wanted = {name: rule for name, rule in by_name.items() if rule.get("enabled", True)}
    laid = {rule["name"]: rule for rule in document.data.get("rules", [])}
    assert {name: {**rule, "enabled": True} for name, rule in wanted.items()} == {
        name: {**rule, "enabled": True} for name, rule in laid.items()
    }
    shown = tmp_path / "shown.txt"
    shown.write_text(as_toml(document), "utf-8")
    again = load([shown]).document
    assert again is not None
    assert _without_empty(again.data) == _without_empty(document.data)


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}
