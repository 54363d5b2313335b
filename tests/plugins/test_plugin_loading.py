from pathlib import Path

import jsonschema
import pytest

from policy_engine.plugins import Action, action_schemas, load_plugins
from policy_engine.policy import Span

GOOD = """
from policy_engine.plugins import Action, hookimpl

@hookimpl
def policy_engine_actions():
    return [Action("acme.restart", lambda context: True)]
"""


def load(tmp_path: Path, *sources: str, **options):
    """Load files plugin0.py, plugin1.py ... with these sources."""
    names = [f"plugin{number}.py" for number in range(len(sources))]
    for name, source in zip(names, sources, strict=True):
        (tmp_path / name).write_text(source)
    return load_plugins(names, tmp_path, **options)


def the_finding(plugins):
    (finding,) = plugins.diagnostics
    return finding


def test_a_plugin_file_beside_the_policy_brings_its_actions(tmp_path):
    plugins = load(tmp_path, GOOD)

    assert plugins.diagnostics == ()
    assert plugins.actions["acme.restart"].run(None) is True
    assert plugins.origins["acme.restart"] == "plugin0.py"


def test_the_built_in_actions_are_always_there():
    plugins = load_plugins([], Path())

    engine = ["reset_breaker", "force_open_breaker", "set_level", "reload_policy", "webhook", "alert"]
    assert list(plugins.actions) == ["wait", "call", "retry", "check", "restart_child", *engine, "command"]


def test_the_built_in_actions_are_a_plugin_like_any_other():
    from policy_engine.plugins import builtin
    from policy_engine.plugins.examination import actions_of, examine

    assert examine("builtin", builtin) == []
    assert actions_of("builtin", builtin) == list(load_plugins([], Path()).actions.values())[:-1]


def test_each_action_s_schema_is_there_by_its_name(tmp_path):
    schemas = action_schemas(load(tmp_path, GOOD).actions)

    jsonschema.validate({"for": "5s"}, schemas["wait"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"levle": "minimal"}, schemas["set_level"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"unknown": 1}, schemas["acme.restart"])


def test_a_misspelt_hook_is_refused_with_the_name_it_may_mean(tmp_path):
    finding = the_finding(load(tmp_path, GOOD.replace("policy_engine_actions", "policy_engine_actoins")))

    assert finding.code == "PE403"
    assert finding.message == 'plugin "plugin0.py" implements "policy_engine_actoins", which is no hook'
    assert finding.help == 'did you mean "policy_engine_actions"?'


def test_a_hook_without_its_mark_is_refused(tmp_path):
    finding = the_finding(load(tmp_path, GOOD.replace("@hookimpl", "")))

    assert (finding.code, finding.severity) == ("PE403", "error")
    assert "not marked" in finding.message


def test_a_hook_with_an_argument_that_it_does_not_have_is_refused(tmp_path):
    finding = the_finding(load(tmp_path, GOOD.replace("actions():", "actions(engine):")))

    assert finding.code == "PE404"
    assert finding.message == 'plugin "plugin0.py": "policy_engine_actions" has no argument "engine"'


def test_two_plugins_with_one_action_are_refused_naming_both(tmp_path):
    plugins = load(tmp_path, GOOD, GOOD)

    assert the_finding(plugins).code == "PE405"
    assert the_finding(plugins).message == (
        'plugin "plugin1.py" brings the action "acme.restart", which plugin "plugin0.py" brings too'
    )


def test_a_plugin_cannot_take_the_name_of_a_built_in_action(tmp_path):
    finding = the_finding(load(tmp_path, GOOD.replace("acme.restart", "wait")))

    assert finding.message == 'plugin "plugin0.py" brings the action "wait", which is built in'


def test_a_plugin_that_raises_on_load_is_refused_with_its_line_and_spoils_no_other(tmp_path):
    plugins = load(tmp_path, "x = 1\nraise RuntimeError('no licence')", GOOD)

    assert the_finding(plugins).code == "PE402"
    assert 'plugin "plugin0.py" cannot be loaded: RuntimeError: no licence' in the_finding(plugins).message
    assert "plugin0.py:2)" in the_finding(plugins).message
    assert "acme.restart" in plugins.actions


def test_a_plugin_that_leaves_on_load_does_not_take_the_program_along(tmp_path):
    assert the_finding(load(tmp_path, "raise SystemExit(1)")).code == "PE402"


def test_a_plugin_with_a_syntax_error_is_refused(tmp_path):
    assert "SyntaxError" in the_finding(load(tmp_path, "def :")).message


def test_a_hook_that_raises_is_refused(tmp_path):
    finding = the_finding(load(tmp_path, GOOD.replace("return [", "raise KeyError('x'); [")))

    assert finding.code == "PE402"
    assert "raised in policy_engine_actions: KeyError: 'x'" in finding.message


@pytest.mark.parametrize("hook", ["actions", "metrics", "enrichers", "matchers"])
def test_a_hook_that_forgot_to_return_its_list_is_refused(tmp_path, hook):
    source = f"@hookimpl\ndef policy_engine_{hook}():\n    pass\n"

    finding = the_finding(load(tmp_path, f"from policy_engine.plugins import hookimpl\n{source}"))

    assert (finding.code, finding.help) == ("PE406", "end it with: return [...]")


def test_a_plugin_without_any_hook_is_refused(tmp_path):
    assert the_finding(load(tmp_path, "def helper(): pass")).code == "PE407"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("'restart'", "gave a str, not an Action"),
        ("Action('Restart!', print)", '"Restart!" is no name for an action'),
        ("Action('a.b', 3)", "nothing that can be called"),
        ("Action('a.b', print, True)", 'the schema of "a.b" is none: it must be a table'),
        ("Action('a.b', print, {'type': 7})", 'the schema of "a.b" is none: its "type" cannot be 7'),
        (
            "Action('a.b', print, {'properties': {'x': {'type': 'txet'}}})",
            'the schema of "a.b" is none: its "properties.x.type" cannot be "txet"',
        ),
        ("Action('a.b', print, {'properties': {'timeout': {}}})", 'the parameter "timeout" of "a.b"'),
    ],
)
def test_an_action_that_cannot_work_is_refused(tmp_path, action, told):
    source = GOOD.replace('Action("acme.restart", lambda context: True)', action)

    finding = the_finding(load(tmp_path, source))

    assert finding.code == "PE406"
    assert told in finding.message


def test_a_plugin_that_does_not_exist_is_refused_where_the_policy_names_it(tmp_path):
    span = Span("main.toml", 2, 12, 2, 27)

    plugins = load_plugins(["none.py", "no-such-plugin"], tmp_path, locate=lambda path: span if path[1] else None)

    missing_file, missing_entry = plugins.diagnostics
    assert missing_file.message == 'no plugin file "none.py"'
    assert (missing_entry.code, missing_entry.span) == ("PE401", span)
    assert missing_entry.message == 'no plugin "no-such-plugin" is installed'


def test_a_reload_takes_loaded_plugins_as_they_are_and_brings_no_new_code(tmp_path):
    counted = f"import builtins\nbuiltins.loads = getattr(builtins, 'loads', 0) + 1\n{GOOD}"
    first = load(tmp_path, counted)
    (tmp_path / "new.py").write_text("raise AssertionError('must not run')")

    again = load_plugins(["plugin0.py", "new.py"], tmp_path, loaded=first)

    import builtins

    assert builtins.loads == 1
    del builtins.loads
    assert "acme.restart" in again.actions
    assert the_finding(again).code == "PE408"


def test_an_entry_point_is_found_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "acme_plugin.py").write_text(GOOD)
    (tmp_path / "acme-1.0.dist-info").mkdir()
    (tmp_path / "acme-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (tmp_path / "acme-1.0.dist-info" / "entry_points.txt").write_text("[policy_engine]\nacme = acme_plugin\n")
    monkeypatch.syspath_prepend(tmp_path)

    plugins = load_plugins(["acme", "acmee"], tmp_path)

    assert "acme.restart" in plugins.actions
    assert the_finding(plugins).help == 'did you mean "acme"?'


GOOD_CLASS = """
from policy_engine.plugins import Action, hookimpl

class Plugin:
    @hookimpl
    def policy_engine_actions(self):
        return [Action("acme.go", print)]
"""


def test_a_class_of_an_entry_point_is_instantiated(tmp_path, monkeypatch):
    (tmp_path / "acme_class.py").write_text(GOOD_CLASS)
    (tmp_path / "acmec-1.0.dist-info").mkdir()
    (tmp_path / "acmec-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acmec\nVersion: 1.0\n")
    (tmp_path / "acmec-1.0.dist-info" / "entry_points.txt").write_text("[policy_engine]\nacmec = acme_class:Plugin\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert isinstance(load_plugins(["acmec"], tmp_path).actions["acme.go"], Action)
