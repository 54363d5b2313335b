import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from policy_engine.cli import main
from policy_engine.plugins import load_plugins

GOOD = """
from policy_engine.plugins import Action, hookimpl

@hookimpl
def policy_engine_actions():
    return [Action("acme.restart", lambda context: True)]
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the subcommand in an empty folder; its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main(["plugins", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_list_shows_the_built_in_actions(run):
    code, out, _ = run("list")

    assert code == 0
    assert "built in" in out
    assert "  wait " in out


def test_list_as_json_has_each_action_s_schema(run):
    actions = json.loads(run("list", "--json")[1])["built in"]

    assert {"for", "backoff"} == set(actions[0]["schema"]["properties"])


def test_show_tells_what_an_action_takes(run):
    code, out, _ = run("show", "check")

    assert code == 0
    assert "function: string - The name of a function." in out
    assert "every (may be left out): string" in out


def test_show_looks_into_a_file_too(run):
    Path("acme.py").write_text(GOOD)

    assert run("show", "acme.restart", "--plugin", "./acme.py")[0] == 0


def test_show_of_an_unknown_action_could_not_run(run):
    code, out, err = run("show", "wiat")

    assert (code, out) == (2, "")
    assert 'no plugin brings "wiat": there are wait, call' in err


def test_check_passes_a_good_plugin_and_tells_what_is_wrong_with_another(run):
    Path("good.py").write_text(GOOD)
    Path("bad.py").write_text(GOOD.replace("policy_engine_actions", "policy_engine_action"))

    assert run("check", "./good.py")[:2] == (0, "./good.py: good; its actions: acme.restart\n")
    code, out, _ = run("check", "./good.py", "./bad.py", "--json")
    assert code == 1
    assert [finding["code"] for finding in json.loads(out)["diagnostics"]] == ["PE403"]


EVERYTHING = """
from policy_engine.plugins import *
from policy_engine.plugins import hookimpl

@hookimpl
def policy_engine_metrics():
    return [MetricSource("acme.queue_depth", lambda metric: 1, "Orders that wait.")]

@hookimpl
def policy_engine_alert_channels():
    return [AlertChannel("acme.pager", print, {"properties": {"team": {"type": "string"}}})]

@hookimpl
def policy_engine_exporters():
    return [Exporter("acme.statsd", print)]

@hookimpl
def policy_engine_detectors():
    return [Detector("acme.badge", ["BADGE-[0-9]+"])]

@hookimpl
def policy_engine_enrichers():
    return [Enricher("acme.tenant", lambda info: None)]

@hookimpl
def policy_engine_log_formats():
    return [LogFormat("acme.app", "(?P<message>.*)")]

@hookimpl
def policy_engine_lint(document):
    return []
"""


def test_check_and_show_know_everything_that_a_plugin_brings(run):
    Path("acme.py").write_text(EVERYTHING)

    code, out, _ = run("check", "./acme.py")
    assert code == 0
    assert out == (
        "./acme.py: good; its metrics: acme.queue_depth; its alert channels: acme.pager; its exporters: acme.statsd; "
        "its detectors: acme.badge; its enrichers: acme.tenant; its log formats: acme.app; lints policies\n"
    )
    assert run("show", "acme.queue_depth", "--plugin", "./acme.py")[1] == (
        "acme.queue_depth (metrics, ./acme.py)\nOrders that wait.\n"
    )
    (shown,) = json.loads(run("show", "acme.pager", "--plugin", "./acme.py", "--json")[1])
    assert (shown["kind"], list(shown["schema"]["properties"])) == ("alert channels", ["team"])


def test_the_testing_helper_looks_at_everything_that_a_plugin_brings(run):
    from policy_engine.plugins.sources import load_source
    from policy_engine.plugins.testing import check_plugin

    Path("good.py").write_text(EVERYTHING)
    Path("bad.py").write_text(EVERYTHING.replace("BADGE-[0-9]+", "(?=a)"))

    assert check_plugin(load_source("./good.py", Path())) == {}
    with pytest.raises(AssertionError, match="RE2 refuses its pattern"):
        check_plugin(load_source("./bad.py", Path()))


def test_new_writes_a_package_whose_tests_pass_at_once(run, tmp_path):
    code, out, _ = run("new", "acme-mail")

    assert code == 0
    assert "acme-mail/policy_engine_acme_mail.py" in out
    installed = tmp_path / "acme-mail" / "policy_engine_acme_mail-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: policy-engine-acme-mail\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[policy_engine]\npolicy_engine_acme_mail = policy_engine_acme_mail\n")
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "acme-mail",
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path / 'acme-mail'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "6 passed" in result.stdout, result.stdout + result.stderr


def test_a_new_package_names_its_entry_point_as_its_policy_does(run, tmp_path):
    run("new", "acme-mail")

    project = tomllib.loads((tmp_path / "acme-mail" / "pyproject.toml").read_text())
    policy = tomllib.loads((tmp_path / "acme-mail" / "policy.toml").read_text())
    assert list(project["project"]["entry-points"]["policy_engine"]) == policy["plugins"]


def test_a_new_plugin_s_own_policy_compiles_with_it(run, tmp_path):
    from policy_engine.recover import compile_recovery

    run("new", "acme-mail")
    policy = tomllib.loads((tmp_path / "acme-mail" / "policy.toml").read_text())
    plugins = load_plugins(["acme-mail/policy_engine_acme_mail.py"], tmp_path)

    assert plugins.diagnostics == ()
    assert compile_recovery(policy["recovery"], plugins.actions).strategies[0].name == "restart"


@pytest.mark.parametrize("name", ["Acme", "../x", "a b", "-x"])
def test_new_refuses_what_is_no_name_for_a_plugin(run, name):
    code, _, err = run("new", "--", name)

    assert code == 2
    assert "is no name for a plugin" in err


def test_new_overwrites_nothing(run):
    Path("acme").mkdir()

    assert run("new", "acme")[0] == 2
    assert list(Path("acme").iterdir()) == []
