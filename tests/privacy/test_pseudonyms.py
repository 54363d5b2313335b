"""Pseudonyms: equal values stay equal, and nothing else can be learned from them."""

from __future__ import annotations

import io
import json
import re
from uuid import UUID

import pytest

from policy_engine import Engine
from policy_engine.cli import main
from policy_engine.privacy import MARKER, Scrubber, compile_privacy

SECTION = {"pseudonymise": {"fields": ["user_id", "email"], "key_env": "TEST_PSEUDONYM_KEY"}}
FORM = re.compile(r"pseudonym:[0-9a-f]{4}:[0-9a-f]{16}")


@pytest.fixture
def scrubber(monkeypatch: pytest.MonkeyPatch) -> Scrubber:
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a key of the test")
    return compile_privacy(SECTION, {})


def test_a_listed_field_becomes_a_marked_pseudonym(scrubber: Scrubber) -> None:
    shown = scrubber.mapping({"user_id": "12345", "attempt": 3})
    assert FORM.fullmatch(shown["user_id"])
    assert shown["attempt"] == 3


def test_equal_values_have_equal_pseudonyms_wherever_they_stand(scrubber: Scrubber) -> None:
    expected = scrubber.mapping({"user_id": "12345"})["user_id"]
    assert scrubber.mapping({"userId": 12345})["userId"] == expected
    assert scrubber.mapping({"a": [{"USER-ID": b"12345"}]})["a"][0]["USER-ID"] == expected
    assert scrubber.text("user_id=12345 has no access") == f"user_id={expected} has no access"
    assert scrubber.text('{"user_id": "12345"}') == json.dumps({"user_id": expected})


def test_other_values_have_other_pseudonyms(scrubber: Scrubber) -> None:
    shown = {scrubber.mapping({"user_id": str(number)})["user_id"] for number in range(1000)}
    assert len(shown) == 1000


def test_a_uuid_and_its_text_have_the_same_pseudonym(scrubber: Scrubber) -> None:
    user = UUID("0b9c3a54-6b3e-4d5f-8e21-7a9d0c1e2f3b")
    assert scrubber.mapping({"user_id": user}) == scrubber.mapping({"user_id": str(user)})


def test_a_list_keeps_its_length(scrubber: Scrubber) -> None:
    shown = scrubber.mapping({"email": ["a@example.com", "b@example.com", None]})["email"]
    assert [FORM.fullmatch(shown[0]) is not None, FORM.fullmatch(shown[1]) is not None, shown[2]] == [True, True, None]


def test_what_has_structure_is_masked_instead(scrubber: Scrubber) -> None:
    assert scrubber.mapping({"user_id": {"id": 1}}) == {"user_id": MARKER}


def test_a_pseudonym_stays_when_scrubbed_again(scrubber: Scrubber) -> None:
    once = scrubber.mapping({"user_id": "12345", "note": "user_id=12345"})
    assert scrubber.mapping(once) == once


def test_another_key_makes_other_pseudonyms_and_says_so(scrubber: Scrubber, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scrubber.mapping({"user_id": "12345"})["user_id"]
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "another key")
    after = compile_privacy(SECTION, {}).mapping({"user_id": "12345"})["user_id"]
    assert before.split(":")[1] != after.split(":")[1]
    assert before.split(":")[2] != after.split(":")[2]


def test_without_a_key_the_field_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_PSEUDONYM_KEY", raising=False)
    scrubber = compile_privacy(SECTION, {})
    assert scrubber.mapping({"user_id": "12345", "attempt": 3}) == {"attempt": 3}
    assert scrubber.mapping({"a": {"user_id": "12345"}}) == {"a": {}}
    assert scrubber.text("user_id=12345 has no access") == f"user_id={MARKER} has no access"
    assert scrubber.lacks_key


def test_a_scrubber_with_its_key_or_without_pseudonyms_lacks_none(scrubber: Scrubber) -> None:
    assert not scrubber.lacks_key
    assert not compile_privacy({}, {}).lacks_key


def test_a_key_in_a_file_makes_the_pseudonyms_that_it_makes_in_the_environment(scrubber, tmp_path):
    (tmp_path / "key").write_bytes(b"a key of the test\n")
    section = {"pseudonymise": {"fields": ["user_id"], "key_file": str(tmp_path / "key")}}
    assert compile_privacy(section, {}).mapping({"user_id": "1"}) == scrubber.mapping({"user_id": "1"})


@pytest.mark.parametrize("content", [None, b"", b"\n"])
def test_without_a_key_in_its_file_the_field_is_left_out(tmp_path, content):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    section = {"pseudonymise": {"fields": ["user_id"], "key_file": str(tmp_path / "key")}}
    scrubber = compile_privacy(section, {})
    assert scrubber.lacks_key
    assert scrubber.mapping({"user_id": "12345", "n": 1}) == {"n": 1}


POLICY = """
[privacy.pseudonymise]
fields = ["user_id"]
key_env = "TEST_PSEUDONYM_KEY"
previous = [{{ key_file = "{old}" }}, {{ key_env = "TEST_OLDEST_KEY" }}]
"""


def test_a_service_that_lacks_a_key_says_so_at_its_line_and_goes_on(tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("TEST_PSEUDONYM_KEY", raising=False)
    monkeypatch.setenv("TEST_OLDEST_KEY", "k")
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.format(old=tmp_path / "old"), encoding="utf-8")
    engine = Engine.from_path(policy)
    assert [(each.code, each.span.line) for each in engine.policy.warnings] == [("PE671", 4), ("PE671", 5)]
    assert "the fields are left out: the environment variable TEST_PSEUDONYM_KEY is not set" in caplog.text
    assert "older pseudonyms cannot be looked up" in caplog.text
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a new key, long enough")
    (tmp_path / "old").write_text("an old key", encoding="utf-8")
    (tmp_path / "old").chmod(0o640)
    assert engine.reload().current
    assert engine.policy.warnings == ()
    assert FORM.fullmatch(str(engine.handle(ValueError("no"), context={"user_id": "12345"}).context["user_id"]))


def test_over_a_change_of_the_key_both_pseudonyms_of_a_value_can_be_looked_up(tmp_path, monkeypatch, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.format(old=tmp_path / "old"), encoding="utf-8")
    (tmp_path / "old").write_text("a key of the test", encoding="utf-8")
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a key of the test")
    before = compile_privacy(SECTION, {}).mapping({"user_id": "12345"})["user_id"]
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a new key")
    monkeypatch.setenv("TEST_OLDEST_KEY", "the oldest key")
    after = compile_privacy(SECTION, {}).mapping({"user_id": "12345"})["user_id"]
    monkeypatch.setattr("sys.stdin", io.StringIO("12345\n"))
    assert main(["pseudonym", "-p", str(policy)]) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert lines[:2] == [[after, "TEST_PSEUDONYM_KEY"], [before, str(tmp_path / "old")]]
    assert lines[2][1] == "TEST_OLDEST_KEY"


def test_a_look_up_without_one_of_the_keys_tells_what_it_can_and_fails(tmp_path, monkeypatch, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.format(old=tmp_path / "old"), encoding="utf-8")
    monkeypatch.setenv("TEST_PSEUDONYM_KEY", "a new key")
    monkeypatch.setenv("TEST_OLDEST_KEY", "the oldest key")
    assert main(["pseudonym", "-p", str(policy), "12345"]) == 2
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert printed.err == f"policy-engine: {tmp_path / 'old'} cannot be read: no such file or directory\n"


KEY_IN_A_FILE = '[privacy.pseudonymise]\nfields = ["user_id"]\nkey_file = "keys/new"\n'


def with_key_in_a_file(folder, key, mode):
    (folder / "keys").mkdir()
    (folder / "keys" / "new").write_bytes(key)
    (folder / "keys" / "new").chmod(mode)
    (folder / "policy.toml").write_text(KEY_IN_A_FILE, encoding="utf-8")
    return folder / "policy.toml"


def test_a_key_file_stands_beside_the_policy_that_names_it_wherever_the_service_runs(tmp_path, scrubber):
    policy = with_key_in_a_file(tmp_path, b"a key of the test\r\n", 0o600)
    engine = Engine.from_path(policy)
    assert engine.policy.warnings == ()
    context = engine.handle(ValueError("no"), context={"user_id": "12345"}).context
    assert dict(context) == scrubber.mapping({"user_id": "12345"})


def test_a_policy_printed_as_one_text_finds_its_keys_from_anywhere(tmp_path, capsys):
    assert main(["show", "-p", str(with_key_in_a_file(tmp_path, b"a key of the test", 0o600))]) == 0
    assert f'key_file = "{tmp_path / "keys" / "new"}"' in capsys.readouterr().out


def test_a_reload_takes_a_new_key_out_of_the_same_file(tmp_path):
    policy = with_key_in_a_file(tmp_path, b"a key of the test", 0o600)
    engine = Engine.from_path(policy)
    before = engine.handle(ValueError("no"), context={"user_id": "12345"}).context["user_id"]
    (tmp_path / "keys" / "new").write_bytes(b"another key of the test")
    engine.reload()
    assert engine.handle(ValueError("no"), context={"user_id": "12345"}).context["user_id"] != before


@pytest.mark.parametrize(
    ("key", "mode", "codes"),
    [
        (b"sixteen bytes 16", 0o600, []),
        (b"fifteen bytes15", 0o600, ["PE672"]),
        (b"sixteen bytes 16", 0o640, []),
        (b"sixteen bytes 16", 0o644, ["PE673"]),
        (b"short\n", 0o604, ["PE672", "PE673"]),
    ],
)
def test_a_key_that_can_be_guessed_or_read_by_everybody_is_told_at_its_line_and_used(tmp_path, key, mode, codes):
    engine = Engine.from_path(with_key_in_a_file(tmp_path, key, mode))
    assert [(each.code, each.span.line) for each in engine.policy.warnings] == [(code, 3) for code in codes]
    assert FORM.fullmatch(str(engine.handle(ValueError("no"), context={"user_id": "12345"}).context["user_id"]))


def test_a_look_up_reads_the_value_from_standard_input_where_it_is_a_hyphen(tmp_path, monkeypatch, capsys, scrubber):
    policy = with_key_in_a_file(tmp_path, b"a key of the test", 0o600)
    monkeypatch.setattr("sys.stdin", io.StringIO("12345\n"))
    assert main(["pseudonym", "-p", str(policy), "-"]) == 0
    assert capsys.readouterr().out.startswith(scrubber.mapping({"user_id": "12345"})["user_id"])
