"""What the schema finds: one mistake is one finding, at the exact key or value, in plain words."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

RULE = "[[rules]]\nname = 'r'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"
ADJUST = "[[severity.adjust]]\nname = 'a'\nraise_to = 'HIGH'\n"
TRIGGER = "[[degradation.triggers]]\nname = 't'\nlevel = 'minimal'\n"
WHEN = "when = { metric = 'open_breakers', at_least = 1 }\n"
STRATEGY = "[[recovery.strategies]]\nname = 's'\nmatch.exception = 'OSError'\n"
A_DURATION = 'write a number and ms, s, m, h or d, as in "30s"'
IN_QUOTES = "put it in quotes where text is wanted"
A_CLASS = 'write its module and name, as in "sqlite3.OperationalError"; patterns go into exception_name'
OF_OPEN_BREAKERS = "used here: above, at_least, below, at_most, breakers, share, all, any, not, expr"
STEPS = "steps = [{ action = 'wait', for = '1s' }]\n"


@pytest.mark.parametrize(
    ("marked", "code", "help_"),
    [
        # unknown keys
        ("«breaker».x.timeout = '1s'\n", "PE111", 'did you mean "breakers"?'),
        ("[breakers.x]\n«failure_treshold» = 3\n", "PE111", 'did you mean "failure_threshold"?'),
        ("[breakers.x]\n«failure-threshold» = 3\n", "PE111", 'did you mean "failure_threshold"?'),
        ("[breakers.x]\nhalf_open = { «permit» = 3 }\n", "PE111", 'did you mean "permits"?'),
        ("[calls.x]\nretry = { «attemps» = 3 }\n", "PE111", 'did you mean "attempts"?'),
        ("[bounds]\n«zzz» = 3\n", "PE111", None),
        # keys of a kind that is not there are no mistakes of their own
        ("[alerts.channels.x]\nkind = «'webhook'»\nurl = 'x'\nused_by = 'code'\n", "PE114", "it can be: log"),
        (
            "[privacy.pseudonymise]\nfields = ['a']\nkey_env = 'A'\n«zzz» = 1\n",
            "PE111",
            "known here: fields, key_env, key_file, previous",
        ),
        # a mistyped key that must be there
        (
            "[[rules]]\n«nmae» = 'r'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n",
            "PE111",
            'did you mean "name"?',
        ),
        (
            "[[rules]]\nname = 'r'\n«mtch».exception = 'OSError'\ncategory = 'UNKNOWN'\n",
            "PE111",
            'did you mean "match"?',
        ),
        (
            "[[rules]]\nname = 'r'\nmatch.exception = 'OSError'\n«cat» = 'UNKNOWN'\n",
            "PE111",
            'did you mean "category"?',
        ),
        (ADJUST + "when = { «metrc» = 'errors', window = '1m', above = 1 }\n", "PE111", 'did you mean "metric"?'),
        (ADJUST + "when = { metric = 'errors', window = '1m', «abov» = 1 }\n", "PE111", 'did you mean "above"?'),
        (ADJUST + "when = { metric = 'errors', «windw» = '1m', above = 1 }\n", "PE111", 'did you mean "window"?'),
        ("[calls.x]\nfallback = { «valeu» = 1 }\n", "PE111", 'did you mean "value"?'),
        ("[breakers.x]\nwindow = { «knd» = 'time', size = '1m' }\n", "PE111", 'did you mean "kind"?'),
        (STRATEGY + "steps = [{ «acton» = 'wait', for = '1s' }]\n", "PE111", 'did you mean "action"?'),
        # a key of a match table that rules cannot have
        (
            "[[rules]]\nname = 'r'\nmatch.«category» = 'A'\ncategory = 'UNKNOWN'\n",
            "PE111",
            "what a rule matches is not classified yet",
        ),
        # missing keys
        ("«[[rules]]»\nname = 'r'\nmatch.exception = 'OSError'\n", "PE112", 'add it, as in category = "DATABASE"'),
        (ADJUST + "when = «{ metric = 'errors', above = 1 }»\n", "PE112", 'add it, as in window = "1m"'),
        (ADJUST + "when = «{ metric = 'open_breakers' }»\n", "PE112", None),
        (ADJUST + "when = «{ window = '1m', above = 3 }»\n", "PE112", None),
        ("[breakers.x]\nwindow = «{ kind = 'time' }»\n", "PE112", 'add it, as in size = "60s"'),
        ("[calls.x]\nfallback = «{}»\n", "PE112", None),
        ("«[alerts.channels.x]»\n", "PE112", 'add it, as in kind = "log"'),
        # kinds of values
        ('[breakers.x]\nfailure_threshold = «"5"»\n', "PE113", "write it without quotes"),
        ("[breakers.x]\nfailure_threshold = «true»\n", "PE113", None),
        ("[breakers.x]\nrecovery_timeout = «30»\n", "PE113", 'write a number and its unit in quotes, as in "30s"'),
        ("[breakers.x]\nkey = «5»\n", "PE113", "put it in quotes"),
        ("[categories.A]\nretryable = «'true'»\n", "PE113", "write true, without quotes"),
        ("[privacy]\nfields = «'password'»\n", "PE113", "put it in brackets: [ ... ]"),
        ("«[rules]»\nname = 'r'\n", "PE113", "write [[rules]], in double brackets"),
        ("«[[degradation]]»\n", "PE113", "write [degradation], in single brackets"),
        ("[degradation]\nlevels = ['full', «5»]\n", "PE113", "put it in quotes"),
        # values from a list
        ("[categories.A]\nseverity = «'high'»\n", "PE114", 'did you mean "HIGH"?'),
        ("[categories.A]\nseverity = «'WORST'»\n", "PE114", "it can be: LOW, MEDIUM, HIGH, CRITICAL"),
        ("[breakers.x]\nwindow = { kind = «'tiem'», size = 5 }\n", "PE114", 'did you mean "time"?'),
        (
            ADJUST + "when = { metric = «'eror_rate'», window = '1m', above = 1 }\n",
            "PE114",
            'did you mean "error_rate"?',
        ),
        ("schema_version = «2»\n", "PE114", "it can be: 1"),
        ("[privacy]\ndetectors = ['email', «'creditcard'»]\n", "PE114", 'did you mean "credit_card"?'),
        # how much
        ("[breakers.x]\nfailure_threshold = «0»\n", "PE115", "it must be from 1 to 1000000"),
        ("[breakers.x]\nfailure_threshold = «-1»\n", "PE115", "it must be from 1 to 1000000"),
        ("[breakers.x]\nfailure_rate = «0»\n", "PE115", "it must be more than 0 and at most 1"),
        ("[breakers.x]\nfailure_rate = «50»\n", "PE115", "it must be more than 0 and at most 1"),
        ("[breakers.x]\ntimeout = «'0s'»\n", "PE115", 'write a duration such as "30s"'),
        ("[breakers.x]\nwindow = { kind = 'count', size = «0» }\n", "PE115", "it must be from 1 to 1000000"),
        (ADJUST + "when = { metric = 'error_ratio', window = '1m', above = «5» }\n", "PE115", None),
        (
            "[breakers.x]\ntimeout = «'99999999999999d'»\n",
            "PE115",
            'the longest duration is "99999d", and nine digits may follow the point',
        ),
        (RULE + "tags = ['a', 'b', «'a'»]\n", "PE115", "remove one of the two"),
        ("[[rules]]\nname = 'r'\nmatch = «{}»\ncategory = 'UNKNOWN'\n", "PE115", None),
        (STRATEGY + "steps = «[]»\n", "PE115", None),
        (
            "«[[degradation.triggers]]»\nname = 't'\nlevel = 'minimal'\nsteps = 1\n" + WHEN,
            "PE115",
            "remove one of them",
        ),
        # forms
        ("[breakers.x]\nrecovery_timeout = «'1 minute'»\n", "PE116", A_DURATION),
        ("[breakers.x]\nwindow = { kind = 'time', size = «'5'» }\n", "PE116", A_DURATION),
        ('[categories.«"a b"»]\n', "PE116", "letters, digits, _ . and - only, and a letter or _ first"),
        ('[breakers.«" x"»]\n', "PE116", "write up to 128 characters on one line, without spaces at either end"),
        # a line feed at the end is no part of any form
        ('[breakers.x]\ntimeout = «"1s\\n"»\n', "PE116", A_DURATION),
        ('[breakers.«"x\\n"»]\n', "PE116", "write up to 128 characters on one line, without spaces at either end"),
        ("[breakers.x]\nfailed_result = { function = «1» }\n", "PE113", "put it in quotes"),
        (RULE.replace("'OSError'", "«'httpx.*'»"), "PE116", A_CLASS),
        (STRATEGY + "steps = [{ action = 'wait', for = «'soon'» }]\n", "PE116", A_DURATION),
        # keys that do not go together
        ("[calls.x]\nfallback = { value = 1, «function» = 'f' }\n", "PE117", "keep one of them"),
        (ADJUST + "«lower_to» = 'LOW'\n", "PE117", "keep one of them"),
        ("[calls.x]\nretry.backoff = { kind = 'linear', «factor» = 2 }\n", "PE117", "used here: initial, max, jitter"),
        (ADJUST + "when = { metric = 'errors', window = '1m', above = 1, «strategy» = 's' }\n", "PE117", None),
        (ADJUST + "when = { metric = 'open_breakers', above = 1, «window» = '1m' }\n", "PE117", OF_OPEN_BREAKERS),
        # numbers and dates that JSON Schema lets pass or cannot have
        ("[breakers.x]\nfailure_rate = «nan»\n", "PE118", None),
        ("[breakers.x]\nfailure_rate = «+inf»\n", "PE118", None),
        ("[bounds]\nqueue = «-inf»\n", "PE118", None),
        ("[breakers.x]\nfailure_threshold = «9223372036854775808»\n", "PE119", None),
        ("[breakers.x]\nfailure_rate = «-9223372036854775809»\n", "PE119", None),
        ("[breakers.x]\nfailure_threshold = «5.0»\n", "PE120", "write 5"),
        ("[breakers.x]\nfailure_threshold = «5.5»\n", "PE120", None),
        ("[breakers.x]\nfailure_threshold = «5e300»\n", "PE120", None),
        ("[breakers.x]\nrecovery_timeout = «00:00:30»\n", "PE121", 'write a duration such as "30s"'),
        ("[categories.A]\ndescription = «2026-01-01»\n", "PE121", IN_QUOTES),
        ("[calls.x]\nfallback.value = { since = «2026-01-01T00:00:00Z» }\n", "PE121", IN_QUOTES),
        (RULE.replace("exception = 'OSError'", "attributes.code = «2026-01-01»"), "PE121", IN_QUOTES),
    ],
)
def test_one_mistake_is_one_finding(marked: str, code: str, help_: str | None, tmp_path: Path) -> None:
    finding = the_finding(marked, tmp_path)
    assert (finding.code, finding.help) == (code, help_)


@pytest.mark.parametrize(
    "text",
    [
        "[breakers.x]\nfailure_threshold = 1\nsuccess_threshold = 1\nminimum_calls = 1\nrecovery_timeout = '0s'\n",
        "[breakers.x]\nwindow = { kind = 'count', size = 1 }\nfailure_rate = 1\n",
        "[breakers.x]\nfailure_rate = 1.0\nslow_call = { longer_than = '1ms', rate = 0.001 }\n",
        (
            "[breakers.x]\nopen_backoff = { factor = 1, max = '1ms', jitter = 0 }\n"
            "half_open = { permits = 1, lease = '1ms' }\n"
        ),
        "[calls.x]\nretry = { attempts = 1, backoff = { initial = '0s', max = '0s', factor = 1.0 } }\n",
        "[calls.x]\nfallback = { value = [] }\n",
        "[calls.x]\nfallback = { value = false }\n",
        TRIGGER + WHEN + "for = '0s'\nrelease = { below = 0, for = '0s' }\n",
        TRIGGER + "when = { metric = 'acme.lag', above = 0.5 }\n",
        TRIGGER + "when = { metric = 'error_ratio', window = '1m', at_least = 1 }\n",
        TRIGGER + "when = { any = [{ not = { metric = 'errors', window = '1ms', at_least = 0 } }] }\n",
        STRATEGY + STEPS + "intensity = { at_most = 1, within = '1ms' }\nattempts = 1\ncooldown = '0s'\n",
        "[bounds]\nqueue = 1\nworkers = 1\nactive_for = '1ms'\n",
        "[degradation]\nlevels = ['full']\n",
        "[categories.A]\n",
        RULE.replace("'OSError'", "'a.B.<locals>.C'"),
        RULE.replace("'OSError'", "['OSError', 'Ä.Fehler']"),
    ],
)
def test_every_edge_that_makes_sense_is_taken(text: str, tmp_path: Path) -> None:
    assert findings(text, tmp_path) == ()


def test_several_mistakes_are_found_at_once_each_where_it_is(tmp_path: Path) -> None:
    text = (
        "[breakers.x]\nfailure_treshold = 3\ntimeout = 5\n"
        "[[rules]]\nname = 'r'\nmatch.message.regex = '('\ncategory = 'NETWROK'\nseverity = 'HIHG'\n"
        "[categories.NETWORK]\n"
    )
    found = [(each.code, each.span.line if each.span else 0) for each in findings(text, tmp_path)]
    assert found == [("PE111", 2), ("PE113", 3), ("PE301", 6), ("PE203", 7), ("PE114", 8)]


@pytest.mark.parametrize(
    "text",
    [
        "[«categoris».NETWORK]\n" + RULE.replace("UNKNOWN", "NETWORK"),
        "«[[categories]]»\nname = 'NETWORK'\n" + RULE.replace("UNKNOWN", "NETWORK"),
        "[degradation]\n«levles» = ['good', 'bad']\n" + TRIGGER.replace("minimal", "bad") + WHEN,
        "[alerts]\n«chanels».ops.kind = 'log'\n[[alerts.routes]]\nname = 'a'\nchannel = 'ops'\n",
        "[[rules]]\nname = 'r'\nmatch.exception = 'OSError'\ncategory = «'not a category'»\n",
    ],
)
def test_what_follows_from_a_mistake_is_not_told_beside_it(text: str, tmp_path: Path) -> None:
    the_finding(text, tmp_path)


@pytest.mark.parametrize(
    "line", ["failure_rate = '5'", "window = { kind = 'tim' }", "failure_threshold = 5.0", "zzz = 1"]
)
def test_no_word_of_json_schema_or_python_reaches_the_user(line: str, tmp_path: Path) -> None:
    texts = [f"{each.message} {each.help}" for each in findings(f"[breakers.x]\n{line}\n", tmp_path)]
    words = ("schema", "is not of type", "str", "int", "dict", "additional", "required property", "instance", "enum")
    assert texts
    assert not any(f" {word}" in f" {text}" for word in words for text in texts)
