"""What a policy says in vain: each finding once, at its place; and what looks like it and is right."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

RULE = "[[rules]]\nname = {}\ncategory = 'UNKNOWN'\nmatch"
TRIGGER = "[[degradation.triggers]]\nname = 't'\nlevel = 'minimal'\n"
STRATEGY = "[[recovery.strategies]]\nname = 's'\nmatch.module = 'm'\nsteps = [{ action = 'wait', for = '1s' }]\n"
WEBHOOK = "'webhook', url = 'https://a.example/', headers = { Authorization = «'hunter2'» }"
MARKED_RULE = RULE.replace("match", "«match»").format("'a'")
OS = "{ exception = 'OSError' }"
LIMITED = "[calls.x.rate_limit]\ncalls = 1\nper = '1h'\n"
CALL = "[calls.x]\nbreaker = 'x'\n[breakers.x]\n"


def rules(*matches: str) -> str:
    """Rules by the names a, b, c; that of the last one is marked."""
    last = len(matches) - 1
    names = [f"«'{chr(97 + number)}'»" if number == last else f"'{chr(97 + number)}'" for number in range(len(matches))]
    return "".join(RULE.format(name) + match + "\n" for name, match in zip(names, matches, strict=True))


def when(text: str, rest: str = "") -> str:
    return f"{TRIGGER}when = {{ {text} }}\n{rest}"


ERRORS = "metric = 'errors', window = '1m'"
RATE = "metric = 'error_rate', window = '1m'"


@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ("PE601", rules(".exception = 'OSError'", ".exception = 'TimeoutError'")),
        ("PE601", rules(".message.contains = ['a', 'b']", ".message.equals = 'xBx'")),
        ("PE601", rules(".module = 'm'", ".function = 'f'", " = { module = 'm', function = 'g' }")),
        ("PE601", rules(f".any = [{OS}, {{ module = 'm' }}]", f".any = [{OS}, {{ module = 'm', function = 'f' }}]")),
        ("PE601", rules(".not.message.contains = 'ab'", ".not.message.contains = 'a'")),
        ("PE601", rules(".attributes.code = [1, 2]", ".attributes.code = 2")),
        ("PE601", rules(".attributes.code.from = 500", ".attributes.code = { from = 502, to = 504 }")),
        ("PE601", rules(".cause.exception = 'OSError'", ".cause = { exception = 'TimeoutError', message = 'm' }")),
        ("PE601", rules(".message.regex = 'a+'", " = { message.regex = 'a+', module = 'm' }")),
        ("PE601", rules(".exception_name.ends_with = 'error'", ".exception = ['OSError', 'acme.DownError']")),
        ("PE602", rules(".exception = ['OSError', 'KeyError']", ".exception = ['KeyError', 'OSError']")),
        ("PE603", MARKED_RULE + " = { message = { equals = 'a', contains = 'b' } }\n"),
        ("PE603", "[breakers.default]\n«counts» = { category = 'UNKNOWN', not.category = 'UNKNOWN' }\n"),
        ("PE611", when(f"{ERRORS}, below = «0»")),
        ("PE611", when(f"{ERRORS}, at_most = «-1»")),
        ("PE611", when(f"{ERRORS}, above = 4, below = «5»")),
        ("PE611", when("metric = 'error_ratio', window = '1m', above = «1»")),
        ("PE611", when("metric = 'open_breakers', share = true, above = «1»")),
        ("PE611", "[breakers.x]\n" + when("metric = 'open_breakers', breakers = ['x'], at_least = «2»")),
        ("PE611", when(f"«all» = [{{ {ERRORS}, above = 9 }}, {{ {ERRORS}, below = 5 }}]")),
        ("PE611", when(f"any = [{{ {ERRORS}, above = 9 }}, {{ {RATE}, below = «0» }}]")),
        ("PE612", when(f"{ERRORS}, at_least = «0»")),
        ("PE612", when("metric = 'error_ratio', window = '1m', at_most = «1»")),
        ("PE612", when(f"«any» = [{{ {ERRORS}, above = 4 }}, {{ {ERRORS}, below = 9 }}]")),
        ("PE612", when(f"{RATE}, above = 30", "release = { at_least = «0» }\n")),
        ("PE613", when(f"{RATE}, above = 30", "release = { below = «40» }\n")),
        ("PE613", when(f"{ERRORS}, at_least = 5", "release = { at_most = «5» }\n")),
        ("PE613", when(f"{RATE}, above = 30", f"release.when = {{ {RATE}, below = «31» }}\n")),
        ("PE614", when(f"{RATE}, above = 30", "for = «'2m'»\n")),
        ("PE615", when(f"{RATE}, above = 30").replace("'minimal'", "«'full'»")),
        ("PE616", "[[severity.adjust]]\nname = 'a'\nmatch.module = 'm'\nraise_to = «'LOW'»\n"),
        ("PE616", "[[severity.adjust]]\nname = 'a'\nmatch.severity = ['LOW', 'MEDIUM']\nlower_to = «'MEDIUM'»\n"),
        ("PE621", "[breakers.«x»]\n"),
        ("PE621", "[alerts.channels.«x»]\nkind = 'log'\n"),
        ("PE621", "[categories.«A»]\n" + RULE.format("'a'") + ".module = 'm'\n"),
        ("PE631", "[store]\npath = «'errors.db'»\n"),
        ("PE631", f"{CALL}failure_rate = «0.5»\n"),
        ("PE631", f"{CALL}window = {{ kind = 'time', size = '1m' }}\nfailure_threshold = «5»\n"),
        ("PE631", f"{CALL}window = {{ kind = 'count', size = 5 }}\nminimum_calls = «9»\n"),
        ("PE632", f"{STRATEGY}attempts = «4»\nintensity = {{ at_most = 3, within = '1m' }}\n"),
        ("PE633", f"{STRATEGY}cooldown = '20s'\nintensity = «{{ at_most = 3, within = '1m' }}»\n"),
        ("PE634", f"{CALL}success_threshold = «26»\n{LIMITED}"),
        ("PE634", f"{CALL}{LIMITED}".replace("[breakers.x]", "[breakers.«x»]").replace("1h", "1d")),
        ("PE634", f"[breakers.default]\nsuccess_threshold = 49\n{CALL}{LIMITED}".replace(".x]\n[c", ".«x»]\n[c")),
        ("PE651", "[categories.A]\ndescription = «'ask with ghp_0123456789abcdefghij0123'»\n"),
        ("PE651", STRATEGY.replace("'wait', for = '1s'", WEBHOOK)),
    ],
)  # fmt: skip
def test_what_is_said_in_vain_is_one_finding_at_its_place(code: str, marked: str, tmp_path: Path) -> None:
    finding = the_finding(marked, tmp_path, advice=True)
    assert (finding.code, finding.severity) == (code, "warning")


@pytest.mark.parametrize(
    "text",
    [
        rules(".exception = 'TimeoutError'", ".exception = 'OSError'"),
        rules(".exception = 'acme.Base'", ".exception = 'acme.Derived'"),
        rules(".message.regex = 'a|b'", ".message.contains = 'a'"),
        rules(" = { exception = 'OSError', module = 'm' }", ".exception = 'OSError'"),
        rules(".attributes.code = 1", ".attributes.code = true"),
        when(f"{ERRORS}, at_least = 1"),
        when(f"{ERRORS}, below = 1"),
        when("metric = 'acme.load', below = 0"),
        when("metric = 'error_ratio', window = '1m', at_least = 1"),
        "[breakers.x]\nkey = 'host'\n" + when("metric = 'open_breakers', breakers = ['x'], at_least = 2"),
        when(f"any = [{{ {ERRORS}, above = 4 }}, {{ {RATE}, below = 9 }}]"),
        when(f"{RATE}, above = 30", "release = { at_most = 30 }\nfor = '1m'\n"),
        when(f"{RATE}, above = 30", f"release.when = {{ {ERRORS}, below = 100 }}\n"),
        "[[severity.adjust]]\nname = 'a'\nmatch.severity = { from = 'MEDIUM' }\nraise_to = 'HIGH'\n",
        "[breakers.x]\nused_by = 'code'\n[alerts.channels.c]\nkind = 'log'\nused_by = 'code'\n",
        "[categories.A]\nused_by = 'code'\n" + RULE.format("'a'") + ".module = 'm'\n",
        "[categories.A]\nseverity = 'LOW'\n",
        "[breakers.default]\nwindow = { kind = 'time', size = '1m' }\n" + f"{CALL}minimum_calls = 5\n",
        f"{STRATEGY}attempts = 3\ncooldown = '19s'\nintensity = {{ at_most = 3, within = '1m' }}\n",
        f"{CALL}success_threshold = 25\n{LIMITED}",
        f"{CALL}success_threshold = 26\nused_by = 'code'\n{LIMITED}",
        f"{CALL}success_threshold = 26\n{LIMITED}[calls.y]\nbreaker = 'x'\n",
        f"{CALL}success_threshold = 49\n{LIMITED}[calls.y]\nbreaker = 'x'\nrate_limit = {{ calls = 1, per = '1h' }}\n",
        f"{CALL}success_threshold = 26\n{LIMITED}burst = 2\n",
        f"{CALL}success_threshold = 999999\n",
        rules(".message.contains = 'Bearer token expired'"),
        rules(".message.regex = 'postgres://[^:]+:[^@]+@'"),
        "[alerts.channels.c]\nkind = 'log'\n[[alerts.routes]]\nname = 'r'\nchannel = 'c'\ntext = 'token={{ id }}'\n",
    ],
)
def test_what_has_an_effect_is_not_spoken_of(text: str, tmp_path: Path) -> None:
    assert findings(text.replace("«", "").replace("»", ""), tmp_path, advice=True) == ()


def test_the_earlier_rule_is_named_and_shown(tmp_path: Path) -> None:
    finding = the_finding(
        rules(".module = 'x'", ".exception = 'OSError'", ".exception = 'TimeoutError'"), tmp_path, advice=True
    )
    assert '"b", before it, takes all errors' in finding.message
    assert [(place.span.line, place.message) for place in finding.places] == [(6, "the earlier rule")]


def test_a_rule_that_is_only_watched_takes_nothing_from_others(tmp_path: Path) -> None:
    text = rules(".exception = 'OSError'", ".exception = 'TimeoutError'").replace("match", "enforce = false\nmatch", 1)
    assert findings(text.replace("«", "").replace("»", ""), tmp_path, advice=True) == ()


def test_beside_an_error_nothing_is_said_that_may_follow_from_it(tmp_path: Path) -> None:
    text = "[categories.NETWORK]\n" + RULE.format("'a'").replace("'UNKNOWN'", "«'NETWROK'»") + ".module = 'm'\n"
    assert the_finding(text, tmp_path, advice=True).code == "PE203"


@pytest.mark.parametrize(
    ("code", "marked", "advice"),
    [
        ("PE642", ".exception = «'asyncio.TimeoutError'»", 'write "TimeoutError"'),
        ("PE642", ".exception = «'socket.timeout'»", 'write "TimeoutError"'),
        ("PE642", ".exception = «'json.JSONDecodeError'»", 'write "json.decoder.JSONDecodeError"'),
        ("PE642", ".exception = «'IOError'»", 'write "OSError"'),
        ("PE642", ".cause.exception = ['OSError', «'queue.Empty'»]", 'write "_queue.Empty"'),
        ("PE641", ".exception = «'TimeOutError'»", 'did you mean "TimeoutError"?'),
        ("PE641", ".exception = «'sqlite3.OperationlError'»", 'did you mean "OperationalError"?'),
        ("PE641", ".exception = «'acme.nowhere.Error'»", "check its name, or install its package"),
        ("PE641", ".exception = «'json.decoder'»", None),
    ],
)
def test_names_of_exceptions_are_looked_up_where_that_is_asked_for(
    code: str, marked: str, advice: str | None, tmp_path: Path
) -> None:
    finding = the_finding(RULE.format("'a'") + marked + "\n", tmp_path, advice=True, resolve=True)
    assert (finding.code, finding.help) == (code, advice)
    text = RULE.format("'a'") + marked.replace("«", "").replace("»", "") + "\n"
    assert findings(text, tmp_path, advice=True) == ()


def test_names_that_errors_carry_are_taken(tmp_path: Path) -> None:
    names = ["OSError", "builtins.KeyError", "json.decoder.JSONDecodeError", "asyncio.exceptions.CancelledError"]
    assert findings(RULE.format("'a'") + f".exception = {names}\n", tmp_path, advice=True, resolve=True) == ()


@pytest.mark.parametrize(
    "text",
    [
        "https://user@host/",
        "postgresql://user@db.example.com/app",
        "postgresql://user:@h/db",
        "redis://:@h",
        "https://user:****@h",
        "https://user:{password}@host",
        "https://user:<password>@host",
        "https://USER:PASSWORD@host",
        "https://user:xxx@host",
        "ssh://deploy@host",
    ],
)
def test_a_url_with_a_name_or_a_placeholder_alone_gives_nothing_away(text: str, tmp_path: Path) -> None:
    assert "PE651" not in codes_of(f"[categories.A]\ndescription = '{text}'\n", tmp_path)


@pytest.mark.parametrize("text", ["https://user:hunter2@host/", "https://ghp_0123456789abcdefghij0123@github.com/x"])
def test_a_url_with_a_password_or_a_token_is_told(text: str, tmp_path: Path) -> None:
    assert "PE651" in codes_of(f"[categories.A]\ndescription = '{text}'\n", tmp_path)


def codes_of(policy: str, folder: Path) -> list[str]:
    return [each.code for each in findings(policy, folder, advice=True)]
