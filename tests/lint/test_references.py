"""Names that nothing defines are found where they are used."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

from policy_engine.lint import lint
from policy_engine.policy import load

RULE = "[[rules]]\nname = 'r'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"
ADJUST = "[[severity.adjust]]\nname = 'a'\nraise_to = 'HIGH'\n"
TRIGGER = "[[degradation.triggers]]\nname = 't'\nlevel = 'minimal'\n"
STRATEGY = "[[recovery.strategies]]\nname = 'heal'\nmatch.exception = 'OSError'\n"
STEPS = "steps = [{ action = 'wait', for = '1s' }]\n"
ROUTE = "[[alerts.routes]]\nname = 'a'\n"


@pytest.mark.parametrize(
    ("marked", "code", "help_"),
    [
        # categories
        (RULE.replace("'UNKNOWN'", "«'NETWORK'»"), "PE203", "define it in [categories.NETWORK]"),
        ("[categories.NETWORK]\n" + RULE.replace("'UNKNOWN'", "«'NETWROK'»"), "PE203", 'did you mean "NETWORK"?'),
        ("[categories.NETWORK]\n" + RULE.replace("'UNKNOWN'", "«'network'»"), "PE203", 'did you mean "NETWORK"?'),
        ("[categories.A]\n" + ADJUST + "match.category = ['A', «'B'»]\n", "PE203", "define it in [categories.B]"),
        (ADJUST + "match.any = [{ not = { category = «'B'» } }]\n", "PE203", "define it in [categories.B]"),
        ("[breakers.x]\ncounts = { category = «'B'» }\n", "PE203", "define it in [categories.B]"),
        (STRATEGY.replace("exception = 'OSError'", "category = «'B'»") + STEPS, "PE203", "define it in [categories.B]"),
        (
            ADJUST + "when.all = [{ metric = 'errors', category = «'B'», window = '1m', above = 1 }]\n",
            "PE203",
            "define it in [categories.B]",
        ),
        # rules
        (RULE + ADJUST + "match.rule = «'rr'»\n", "PE206", 'did you mean "r"?'),
        (ADJUST + "match.rule = «'rr'»\n", "PE206", None),
        # breakers and calls
        ("[calls.x]\nbreaker = «'external-api'»\n[breakers.external_api]\n", "PE201", 'did you mean "external_api"?'),
        ("[calls.x]\nbreaker = «'api'»\n", "PE201", "define it in [breakers.api]"),
        (
            TRIGGER + "when = { metric = 'open_breakers', breakers = [«'b'»], above = 0 }\n",
            "PE201",
            "define it in [breakers.b]",
        ),
        (
            TRIGGER + "when = { metric = 'slow_calls', window = '1m', call = «'c'», above = 0 }\n",
            "PE208",
            "define it in [calls.c]",
        ),
        (STRATEGY + "steps = [{ action = 'reset_breaker', breaker = «'b'» }]\n", "PE201", "define it in [breakers.b]"),
        # levels
        (
            TRIGGER.replace("'minimal'", "«'minimum'»") + "when = { metric = 'open_breakers', above = 0 }\n",
            "PE202",
            'did you mean "minimal"?',
        ),
        (
            "[degradation]\nlevels = ['good', 'bad']\nfunctions.f.runs_at = ['good', «'full'»]\n",
            "PE202",
            "defined are: bad, good",
        ),
        (
            "[degradation]\nfunctions.f.sample = { share = 0.5, at = [«'none'»] }\n",
            "PE202",
            "defined are: degraded, emergency, full, minimal",
        ),
        (STRATEGY + "steps = [{ action = 'set_level', level = «'min'» }]\n", "PE202", 'did you mean "minimal"?'),
        # channels
        (ROUTE + "channel = «'opps'»\n[alerts.channels.ops]\nkind = 'log'\n", "PE204", 'did you mean "ops"?'),
        (
            STRATEGY + "steps = [{ action = 'alert', channel = «'ops'», text = 'x' }]\n",
            "PE204",
            "define it in [alerts.channels.ops]",
        ),
        # strategies and actions
        (
            STRATEGY
            + STEPS
            + TRIGGER
            + "when = { metric = 'recovery_failures', window = '1m', strategy = «'heel'», above = 0 }\n",
            "PE207",
            'did you mean "heal"?',
        ),
        (
            STRATEGY + "steps = [{ action = «'rest_breaker'», breaker = 'default' }]\n",
            "PE205",
            'did you mean "reset_breaker"?',
        ),
        (STRATEGY + STEPS + "verify.action = «'nothing_like_it'»\n", "PE205", None),
        (STRATEGY + STEPS + "escalate = [{ action = «'wiat'», for = '1s' }]\n", "PE205", 'did you mean "wait"?'),
        # parameters of actions
        (STRATEGY + "steps = [{ action = 'set_level', «levl» = 'minimal' }]\n", "PE111", 'did you mean "level"?'),
        (STRATEGY + "steps = [«{ action = 'wait' }»]\n", "PE112", None),
        (
            STRATEGY + "steps = [{ action = 'wait', for = «5» }]\n",
            "PE113",
            'write a number and its unit in quotes, as in "5s"',
        ),
    ],
)
def test_an_undefined_name_is_one_finding_at_its_use(marked: str, code: str, help_: str | None, tmp_path: Path) -> None:
    finding = the_finding(marked, tmp_path)
    assert finding.code == code
    if help_ is not None:
        assert finding.help == help_


@pytest.mark.parametrize(
    "text",
    [
        RULE,
        ADJUST + "match.category = 'UNKNOWN'\n",
        "[calls.x]\nbreaker = 'default'\n",
        TRIGGER + "when = { metric = 'open_breakers', above = 0 }\n",
        "[calls.x]\nfallback.function = 'known_to_the_program'\n",
        STRATEGY + "steps = [{ action = 'call', function = 'known_to_the_program' }]\n",
        "[categories.A]\n" + ADJUST + "match.category = { starts_with = 'NET' }\n",
        ADJUST + "match.attributes.category = 'B'\nmatch.context.rule = 'B'\n",
    ],
)
def test_what_is_always_there_or_cannot_be_known_is_taken(text: str, tmp_path: Path) -> None:
    assert findings(text, tmp_path) == ()


def test_an_action_with_a_dot_may_be_a_plugins_where_plugins_were_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(STRATEGY + "steps = [{ action = 'acme.heal' }, { action = 'heal' }]\n")
    document = load([path]).document
    assert document is not None
    assert len(lint(document, actions=["wait"])) == 2
    assert [each.message for each in lint(document, actions=["wait"], complete=False)] == ['unknown action "heal"']


def test_names_are_found_across_files(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(RULE.replace("UNKNOWN", "NETWORK"))
    (tmp_path / "b.toml").write_text("[categories.NETWORK]\n")
    document = load([tmp_path]).document
    assert document is not None
    assert lint(document, actions=[]) == []
