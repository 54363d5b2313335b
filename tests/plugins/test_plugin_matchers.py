"""Matchers that plugins bring: where a match table may ask one, what it is shown, and what becomes of a failing one."""

import builtins
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

from policy_engine.compile import check_policy
from policy_engine.match.containment import contains
from policy_engine.model import EngineFault, Occurrence
from policy_engine.plugins import load_plugins
from policy_engine.plugins.schemas import merged_schema

MATCHERS = """
import builtins
ASKED = builtins.__dict__.setdefault("acme_asked", [])
SCHEMA = {
    "type": "object",
    "properties": {"than": {"type": "integer", "minimum": 1}, "words": {"type": "array"}},
    "required": ["than"],
    "additionalProperties": False,
}

def longer(info, parameters):
    ASKED.append(info)
    return len(info.message) > parameters["than"]

@hookimpl
def policy_engine_matchers():
    return [ErrorMatcher("acme.longer", longer, SCHEMA, "Longer messages."), ErrorMatcher("acme.other", OTHER)]
"""
LONG = """
[categories.LONG]
[[rules]]
name = "long"
match = { exception = "ValueError", plugin."acme.longer" = { than = 5 } }
category = "LONG"
"""
OTHER = """
[categories.OTHER]
[[rules]]
name = "other"
match.plugin."acme.other" = {}
category = "OTHER"
"""
IN_QUOTES = "its name has a dot, so it stands in quotes"
WAIT = """
[[recovery.strategies]]
name = "wait"
steps = [{ action = "wait", for = "1s" }]
"""
PROTECTED = """
[breakers.default]
failure_threshold = 1
[breakers.api]
counts = { plugin."acme.longer" = { than = 5 } }
[calls.api]
breaker = "api"
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list:
    noted: list = []
    monkeypatch.setattr(builtins, "acme_asked", noted, raising=False)
    return noted


def a_policy(folder: Path, text: str, other: str = "lambda info, parameters: True") -> Path:
    a_plugin(folder, MATCHERS.replace("OTHER)", f"{other})"))
    return a_policy_file(folder, text)


def test_a_rule_takes_the_errors_that_the_plugin_says_yes_to(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, LONG))

    categories = [engine.handle(ValueError(text)).category for text in ("short", "long enough")]

    assert categories == ["UNKNOWN", "LONG"]


def test_a_plugin_is_asked_only_once_everything_else_in_the_table_holds(tmp_path: Path, asked: list) -> None:
    text = LONG.replace("match = {", 'match = { not.message.contains = "harmless",')
    engine, _ = an_engine(a_policy(tmp_path, text))

    engine.handle(KeyError("long enough"))
    engine.handle(ValueError("long but harmless"))

    assert asked == []


def test_a_plugin_is_shown_the_scrubbed_error_with_its_context(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, LONG))

    engine.handle(ValueError("token=abc123"), context={"order": 7, "password": "hunter2"})

    (info,) = asked
    assert (info.exception_type, info.message) == ("ValueError", "token=[scrubbed]")
    assert info.context == {"order": 7, "password": "[scrubbed]"}


def test_a_breaker_that_asks_a_plugin_shows_it_no_secret_either(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, PROTECTED))

    for text in ("short", "token=abc123"):
        with pytest.raises(ValueError, match=text):
            engine.protect("api").call(failing, text)

    assert [info.message for info in asked] == ["short", "token=[scrubbed]"]
    assert engine.breaker("api").state == "OPEN"


def failing(text: str) -> None:
    raise ValueError(text)


@pytest.mark.parametrize(
    "section",
    [
        '[[alerts.routes]]\nname = "all"\nchannel = "ops"\n{match}[alerts.channels.ops]\nkind = "log"\n',
        f"{WAIT.replace('{', '{{').replace('}', '}}')}{{match}}",
        '[[severity.adjust]]\nname = "worse"\nraise_to = "CRITICAL"\n{match}',
    ],
)
def test_all_that_matches_errors_may_ask_a_plugin(section: str, tmp_path: Path, asked: list) -> None:
    table = 'match = { severity = "MEDIUM", plugin."acme.longer" = { than = 5 } }\n'
    engine, clock = an_engine(a_policy(tmp_path, section.format(match=table)))
    events = []
    engine.subscribe(events.append)

    infos = [engine.handle(ValueError(text)) for text in ("short", "long enough")]
    clock.advance(5)

    assert {info.severity for info in asked} == {"MEDIUM"}
    alerted = [event.info.message for event in events if type(event).__name__ == "AlertSent"]
    done = alerted == ["long enough"], infos[1].recovery_status == "waiting", infos[1].severity == "CRITICAL"
    assert sum(done) == 1
    assert (infos[0].recovery_status, infos[0].severity) == (None, "MEDIUM")


def test_tables_inside_any_all_and_not_may_ask_a_plugin(tmp_path: Path, asked: list) -> None:
    text = LONG.replace(
        'plugin."acme.longer" = { than = 5 }',
        'any = [{ message = "no" }, { not.plugin."acme.longer" = { than = 5 } }]',
    )
    engine, _ = an_engine(a_policy(tmp_path, text))

    assert [engine.handle(ValueError(text)).category for text in ("no", "short", "long enough")] == [
        "LONG",
        "LONG",
        "UNKNOWN",
    ]


@pytest.mark.parametrize(
    "function", ["lambda info, parameters: 1 / 0", "lambda info, parameters: 'yes'", "lambda: True"]
)
def test_a_matcher_that_fails_says_no_and_is_counted(function: str, tmp_path: Path) -> None:
    engine, _ = an_engine(a_policy(tmp_path, OTHER, function))
    faults = []
    engine.subscribe(lambda event: faults.append(event.where) if isinstance(event, EngineFault) else None)

    info = engine.handle(ValueError("bad"))

    assert (info.message, info.category) == ("bad", "UNKNOWN")
    assert faults == ['the matcher "acme.other"']
    assert engine.statistics()["engine_faults"] == 1


def test_a_matcher_that_fails_while_a_breaker_asks_is_counted_and_the_call_s_error_passes(tmp_path: Path) -> None:
    text = PROTECTED.replace('"acme.longer" = { than = 5 }', '"acme.other" = {}')
    engine, _ = an_engine(a_policy(tmp_path, text, "lambda info, parameters: 1 / 0"))

    with pytest.raises(ValueError, match="long enough"):
        engine.protect("api").call(failing, "long enough")

    assert engine.statistics()["engine_faults"] == 1
    assert engine.breaker("api").state == "CLOSED"


def test_an_error_inside_a_matcher_asks_no_matcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = "lambda info, parameters: builtins.acme_engine.handle(KeyError('inside')).category == 'UNKNOWN'"
    engine, _ = an_engine(a_policy(tmp_path, OTHER, handle))
    monkeypatch.setattr(builtins, "acme_engine", engine, raising=False)

    assert engine.handle(ValueError("bad")).category == "OTHER"
    assert engine.statistics()["total_errors"] == 2


def test_a_recorded_error_and_a_replay_ask_it_too(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, LONG), dry=True)
    recorded = Occurrence("ValueError", ("ValueError", "Exception"), "long enough")

    assert engine.process(recorded).category == "LONG"


def test_explain_shows_what_was_asked_and_what_the_plugin_said(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, LONG))

    assert 'plugin.acme.longer: found "yes"' in str(engine.explain(ValueError("long enough")))
    assert 'plugin.acme.longer wants than = 5, found "no"' in str(engine.explain(ValueError("short")))


def test_explain_shows_that_a_matcher_raised(tmp_path: Path) -> None:
    engine, _ = an_engine(a_policy(tmp_path, OTHER, "lambda info, parameters: 1 / 0"))

    assert 'found "it raised ZeroDivisionError"' in str(engine.explain(ValueError("short")))


def test_a_rule_that_is_only_watched_asks_it_and_decides_nothing(tmp_path: Path, asked: list) -> None:
    engine, _ = an_engine(a_policy(tmp_path, f"{LONG}enforce = false\n"))

    assert engine.handle(ValueError("long enough")).category == "UNKNOWN"
    assert engine.statistics()["shadow"]


@pytest.mark.parametrize(
    ("wrong", "code", "place", "help_text"),
    [
        ('plugin."acme.longer" = {}', "PE112", "{}", None),
        ('plugin."acme.longer" = { than = 0 }', "PE115", "0 }", None),
        ('plugin."acme.longer" = { than = 5, thna = 1 }', "PE111", "thna", 'did you mean "than"?'),
        ('plugin."acme.longre" = { than = 5 }', "PE213", '"acme.longre"', 'did you mean "acme.longer"?'),
        ("plugin.acme.longer = {}", "PE213", "acme", f'{IN_QUOTES}: plugin."acme.longer"'),
        ('plugin."acme.longer" = 5', "PE113", "5", None),
        ("plugin = {}", "PE115", "{}", None),
    ],
)
def test_what_a_table_asks_is_held_against_the_plugin_at_its_place(
    wrong: str, code: str, place: str, help_text: str | None, tmp_path: Path
) -> None:
    path = a_policy(tmp_path, f"{WAIT}match.{wrong}\n")

    (found,) = findings(path)

    assert found.span is not None
    line = path.read_text("utf-8").splitlines()[found.span.line - 1]
    assert (found.code, line[found.span.column - 1 :].startswith(place)) == (code, True)
    assert help_text is None or found.help == help_text


def test_without_its_plugins_a_policy_s_matchers_are_not_judged(tmp_path: Path) -> None:
    path = a_policy(tmp_path, LONG.replace("than = 5", "thna = 5"))

    assert check_policy([path], run_plugins=False).diagnostics == ()


def test_a_policy_without_the_plugin_is_told_that_nobody_brings_the_matcher(tmp_path: Path) -> None:
    (found,) = findings(a_policy_file(tmp_path, LONG, plugins=()))

    assert (found.code, found.help) == ("PE213", "no plugin of this policy brings a matcher")


def test_the_schema_for_editors_knows_the_parameters(tmp_path: Path) -> None:
    a_policy(tmp_path, LONG)
    validator = Draft202012Validator(merged_schema(load_plugins(["acme.py"], tmp_path)))

    def is_taken(parameters: object) -> bool:
        rule = {"name": "long", "match": {"plugin": {"acme.longer": parameters}}, "category": "LONG"}
        return validator.is_valid({"schema_version": 1, "categories": {"LONG": {}}, "rules": [rule]})

    assert [is_taken(each) for each in ({"than": 5}, {}, {"than": 0}, {"than": 5, "more": 1})] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("wider", "narrower", "answer"),
    [
        ({"plugin": {"a.b": {"x": 1}}}, {"plugin": {"a.b": {"x": 1}}, "exception": "OSError"}, True),
        ({"plugin": {"a.b": {"x": 1}}}, {"plugin": {"a.b": {"x": 2}}}, None),
        ({"plugin": {"a.b": {"x": 1}}}, {"exception": "OSError"}, None),
        ({"exception": "OSError"}, {"exception": "OSError", "plugin": {"a.b": {}}}, True),
        ({"exception": "OSError"}, {"exception": "ValueError", "plugin": {"a.b": {}}}, None),
    ],
)
def test_nobody_can_tell_what_a_plugin_s_matcher_takes_but_the_same_question_has_the_same_answer(
    wider: dict, narrower: dict, answer: bool | None
) -> None:
    assert contains(wider, narrower) is answer


def test_two_plugins_with_one_matcher_are_refused(tmp_path: Path) -> None:
    a_policy(tmp_path, "")
    a_plugin(tmp_path, MATCHERS.replace("OTHER)", "longer)"), "other.py")

    found = findings(a_policy_file(tmp_path, "", plugins=("acme.py", "other.py")))

    assert {each.code for each in found} == {"PE405"}
    assert 'brings the matcher "acme.longer", which plugin "acme.py" brings too' in found[0].message
