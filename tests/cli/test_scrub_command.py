"""``policy-engine scrub``: a log that can be shared."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from policy_engine.cli import main

LOG = """\
2026-03-01 12:00:00 ERROR shop: login of bob@example.com failed: password=hunter2
2026-03-01 12:00:01 INFO shop: nothing to hide
-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn
ygWyF8PbnGy0AHB7MmAbC
-----END RSA PRIVATE KEY-----
{"level": "error", "headers": {"Authorization": "Bearer s3cretT0ken123"}, "n": 1}
\tindented
"""
CLEAN = """\
2026-03-01 12:00:00 ERROR shop: login of [scrubbed] failed: password=[scrubbed]
2026-03-01 12:00:01 INFO shop: nothing to hide
[scrubbed]
{"level": "error", "headers": {"Authorization": "[scrubbed]"}, "n": 1}
\tindented
"""


@pytest.mark.parametrize("packed", [False, True])
def test_secrets_leave_and_the_rest_stays(packed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(gzip.compress(LOG.encode()) if packed else LOG.encode())
    assert main(["scrub", str(log)]) == 0
    printed = capsys.readouterr()
    assert printed.out == CLEAN
    assert printed.err == "8 lines, 6 changed\n"


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ('{"password": 123456, "n": 1.50}', '{"password": "[scrubbed]", "n": 1.50}'),
        ('{"tokens":["a1","b2"],"n":1}', '{"tokens":"[scrubbed]","n":1}'),
        ('{"credentials": {"user": "bob"}, "n": [1]}', '{"credentials": "[scrubbed]", "n": [1]}'),
        ('{"card": [4111111111111111, 7]}', '{"card": ["[scrubbed]", 7]}'),
        ('{"m": "password=hunter2, see [x]"}', '{"m": "password=[scrubbed], see [x]"}'),
        ('{"m": "{\\"password\\": 12345}"}', '{"m": "{\\"password\\": [scrubbed]}"}'),
        ('[{"name": "DB_PASSWORD", "value": 17}]', '[{"name": "DB_PASSWORD", "value": "[scrubbed]"}]'),
        ("[ERROR] password=hunter2", "[ERROR] password=[scrubbed]"),
    ],
)
def test_a_line_of_json_stays_one(
    line: str, clean: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text(f"{line}\n{clean}\n", encoding="utf-8")
    assert main(["scrub", str(log)]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{clean}\n{clean}\n"
    assert printed.err == "2 lines, 1 changed\n"


def test_a_line_of_any_length_is_handed_on_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "app.log"
    log.write_text("x" * 100_000 + " password=hunter2\n")
    assert main(["scrub", str(log)]) == 0
    assert capsys.readouterr().out == "x" * 100_000 + " password=[scrubbed]\n"


def test_the_policy_says_what_is_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, log, out = tmp_path / "policy.toml", tmp_path / "app.log", tmp_path / "clean.log"
    policy.write_text('[privacy]\npseudonymise = { fields = ["user_id"], key_env = "SHOP_KEY" }\n')
    log.write_text("refused user_id=17\nrefused user_id=18\nrefused user_id=17\n")
    monkeypatch.delenv("SHOP_KEY", raising=False)
    assert main(["scrub", "-p", str(policy), str(log), "--out", str(out)]) == 2
    assert "their key is not to be had" in capsys.readouterr().err
    assert not out.exists()
    monkeypatch.setenv("SHOP_KEY", "a key of the shop")
    assert main(["scrub", "-p", str(policy), str(log), "--out", str(out)]) == 0
    first, second, third = out.read_text().splitlines()
    assert "pseudonym:" in first
    assert first == third != second


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.log"], "gone.log: no such file"),
        (["empty.log"], "it is empty: there is nothing to scrub"),
        (["app.log", "--out", "app.log"], "this is the input, which it would overwrite"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.log").write_text(LOG)
    Path("empty.log").touch()
    assert main(["scrub", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert Path("app.log").read_text() == LOG


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r'{"message": "password \"hunter2\" was refused"}', r'{"message": "password \"[scrubbed]\" was refused"}'),
        (r'{"m": "the password is \u041f\u0430\u0440-\u0451\u04369"}', '{"m": "the password is [scrubbed]"}'),
        (r'{"path": "C:\\new\\notes.txt",  "n": 1}', r'{"path": "C:\\new\\notes.txt",  "n": 1}'),
        (r'{"torn": "password=\"hunter2', r'{"torn": "password=\"[scrubbed]'),
    ],
)
def test_what_json_escapes_is_read_before_it_is_scrubbed(line, shown, tmp_path, capsys):
    (tmp_path / "app.jsonl").write_text(line + "\n", encoding="utf-8")
    assert main(["scrub", str(tmp_path / "app.jsonl")]) == 0
    assert capsys.readouterr().out == shown + "\n"
