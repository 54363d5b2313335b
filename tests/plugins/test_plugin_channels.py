"""Kinds of alert channels that plugins bring: their parameters, their delivery, and their failures."""

import threading
from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

from policy_engine import Engine, load_policy
from policy_engine.model import AlertSent

PAGER = """
import builtins
SENT = builtins.__dict__.setdefault("acme_sent", [])
SCHEMA = {
    "type": "object",
    "properties": {"team": {"type": "string"}, "every": {"type": "integer", "minimum": 1}},
    "required": ["team"],
    "additionalProperties": False,
}

@hookimpl
def policy_engine_alert_channels():
    return [AlertChannel("acme.pager", SEND, SCHEMA)]
"""
ROUTE = """
[alerts.channels.pager]
kind = "acme.pager"
team = "payments"
[[alerts.routes]]
name = "all"
channel = "pager"
text = "{{ message }}"
"""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list:
    import builtins

    noted: list = []
    monkeypatch.setattr(builtins, "acme_sent", noted, raising=False)
    return noted


def a_pager(folder: Path, send: str = "SENT.append") -> None:
    a_plugin(folder, PAGER.replace("SEND,", f"{send},"))


def test_an_alert_reaches_the_plugin_s_channel_on_a_worker_with_its_parameters(tmp_path: Path, sent: list) -> None:
    a_pager(tmp_path)
    engine, clock = an_engine(a_policy_file(tmp_path, ROUTE))

    info = engine.handle(ValueError("disk full"))
    assert sent == []
    clock.advance()

    (alert,) = sent
    assert (alert.channel, alert.route, alert.text, alert.info.id) == ("pager", "all", "disk full", info.id)
    assert alert.parameters == {"team": "payments"}


def test_a_replay_publishes_the_alert_and_sends_nothing(tmp_path: Path, sent: list) -> None:
    a_pager(tmp_path)
    engine, clock = an_engine(a_policy_file(tmp_path, ROUTE), dry=True)
    events = []
    engine.subscribe(events.append)

    engine.handle(ValueError("disk full"))
    clock.advance()

    assert sent == []
    assert [event.text for event in events if isinstance(event, AlertSent)] == ["disk full"]


def test_a_channel_that_raises_is_counted_and_its_alert_is_not_said_to_be_sent(tmp_path: Path) -> None:
    a_pager(tmp_path, "lambda alert: 1 / 0")
    engine, clock = an_engine(a_policy_file(tmp_path, ROUTE))
    events = []
    engine.subscribe(events.append)

    engine.handle(ValueError("disk full"))
    clock.advance()

    statistics = engine.statistics()
    assert (statistics["alerts_failed"], statistics["engine_faults"]) == (1, 1)
    assert [event.where for event in events if hasattr(event, "where")] == ['the alert channel "pager"']
    assert not any(isinstance(event, AlertSent) for event in events)


def test_what_a_channel_raises_is_told_without_its_secrets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    a_pager(tmp_path, "lambda alert: open('https://bob:hunter2@pager.example/')")
    engine, clock = an_engine(a_policy_file(tmp_path, ROUTE))
    told = []
    engine.subscribe(lambda event: told.append(getattr(event, "error", "")))

    engine.handle(ValueError("disk full"))
    clock.advance()

    assert "FileNotFoundError" in told[-1]
    assert "hunter2" not in f"{told} {caplog.text}"


def test_an_error_inside_a_channel_s_own_code_alerts_nobody(tmp_path: Path, sent: list) -> None:
    a_pager(tmp_path, "lambda alert: (SENT.append(alert), ENGINE[0].handle(KeyError('inside')))")
    with (tmp_path / "acme.py").open("a") as file:
        file.write("\nENGINE = builtins.__dict__.setdefault('acme_engine', [])\n")
    engine, clock = an_engine(a_policy_file(tmp_path, ROUTE))
    import builtins

    builtins.acme_engine.append(engine)
    try:
        engine.handle(ValueError("disk full"))
        clock.advance(10)
    finally:
        del builtins.acme_engine

    assert len(sent) == 1
    assert engine.statistics()["alerts_dropped"] == 1


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ('team = "payments"', "PE112", '"team" is missing here'),
        ('team = "payments"\nevery = 0', "PE115", '"every" is 0, but must be at least 1'),
        ("team = 7", "PE113", '"team"'),
        ('team = "a"\ntaem = "b"', "PE111", 'unknown key "taem"'),
    ],
)
def test_a_channel_s_parameters_are_held_against_the_plugin_s_schema_at_their_place(
    wrong: str, code: str, told: str, tmp_path: Path
) -> None:
    a_pager(tmp_path)
    text = wrong if code != "PE112" else ""
    path = a_policy_file(tmp_path, f'\n[alerts.channels.pager]\nkind = "acme.pager"\nused_by = "code"\n{text}\n')
    lines = path.read_text().splitlines()

    (found,) = findings(path)

    assert found.code == code
    assert told in found.message
    assert found.span is not None
    assert lines[found.span.line - 1].startswith((text.splitlines() or ["[alerts.channels.pager]"])[-1])


@pytest.mark.parametrize(
    ("kind", "code", "help_text"),
    [("acme.pagre", "PE211", 'did you mean "acme.pager"?'), ("lgo", "PE114", 'did you mean "log"?')],
)
def test_an_unknown_kind_of_channel_is_told_with_the_one_that_was_meant(
    kind: str, code: str, help_text: str, tmp_path: Path
) -> None:
    a_pager(tmp_path)

    found = findings(a_policy_file(tmp_path, f'[alerts.channels.pager]\nkind = "{kind}"\n'))

    assert [(each.code, each.help) for each in found] == [(code, help_text)]


def test_a_log_channel_still_takes_no_other_keys(tmp_path: Path) -> None:
    a_pager(tmp_path)

    (found,) = findings(a_policy_file(tmp_path, '[alerts.channels.ops]\nkind = "log"\nlogegr = "shop"\n'))

    assert (found.code, found.help) == ("PE111", 'did you mean "logger"?')


def test_without_its_plugins_a_policy_s_kinds_of_channels_are_not_judged(tmp_path: Path) -> None:
    from policy_engine.compile import check_policy

    a_pager(tmp_path)

    assert check_policy([a_policy_file(tmp_path, ROUTE)], run_plugins=False).diagnostics == ()


def test_a_parameter_with_the_name_of_a_channel_s_own_key_is_refused(tmp_path: Path) -> None:
    a_plugin(tmp_path, PAGER.replace('"team"', '"kind"').replace("SEND,", "print,"))

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert (found.code, found.help) == ("PE406", "give it another name")


def test_a_channel_that_is_only_watched_compiles_too(tmp_path: Path, sent: list) -> None:
    a_pager(tmp_path)
    engine, clock = an_engine(a_policy_file(tmp_path, f"{ROUTE}enforce = false\n"))

    engine.handle(ValueError("disk full"))
    clock.advance()

    assert sent == []
    assert engine.statistics()["shadow"]["route"] == {"all": 1}


def test_a_channel_that_hangs_holds_up_neither_another_channel_nor_a_recovery(tmp_path: Path, sent: list) -> None:
    a_pager(tmp_path, "lambda alert: alert.channel == 'pager' and GOES_ON.wait() or SENT.append(alert.text)")
    with (tmp_path / "acme.py").open("a") as file:
        file.write("import threading\nGOES_ON = threading.Event()\n")
    policy = load_policy(a_policy_file(tmp_path, f"[bounds]\nworkers = 1\nqueue = 3\n{ROUTE}{OTHER_CHANNEL}"))
    engine, done = Engine(policy), threading.Event()
    engine.register("reconnect", lambda info: done.set())

    for _ in range(10):
        engine.handle(ValueError("disk full"))

    assert done.wait(10)
    policy.plugins.objects["acme.py"].GOES_ON.set()
    assert engine.clock.drain(10)
    assert sent.count("in plain words") == 1
    assert 6 <= engine.statistics()["alerts_dropped"] <= 7  # one is being sent, or waits to be, and three wait


OTHER_CHANNEL = """
[alerts.channels.mail]
kind = "acme.pager"
team = "payments"
[[recovery.strategies]]
name = "reconnect"
match = { severity = "MEDIUM" }
steps = [
  { action = "alert", channel = "mail", text = "in plain words" },
  { action = "call", function = "reconnect" },
]
intensity = { at_most = 1, within = "1h" }
"""
