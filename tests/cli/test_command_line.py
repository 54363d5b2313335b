"""The command as a whole: help, versions, and how it ends when nobody listens."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import policy_engine
from policy_engine.cli import main

SHOP = Path(__file__).parents[1] / "golden" / "replay" / "shop.log"


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"policy-engine {policy_engine.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["replay", "--help"], ["validate", "--help"], ["plugins", "--help"]])
def test_every_help_ends_with_an_example(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert capsys.readouterr().out.rstrip().splitlines()[-1].startswith(("  policy-engine ", "  journalctl "))


def test_without_a_command_the_help_goes_to_standard_error(capsys):
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: policy-engine")


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        main(["repaly"])
    assert end.value.code == 2
    assert "repaly" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["validate", ""], ["test", ""], ["replay", ""], ["show", "-p", ""], ["diff", "", "a"], ["explain", ""]],
)
def test_an_empty_name_is_refused_and_not_taken_for_the_current_folder(arguments, capsys):
    assert main(arguments) == 2
    assert "is empty: is a variable of the shell unset?" in capsys.readouterr().err


def test_a_closed_pipe_ends_quietly(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("".join(f"ERROR:shop:failure {'x' * number}\n" for number in range(3000)))
    command = (
        f"'{sys.executable}' -m policy_engine replay --json --top 3000 '{log}' | head -n 1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["{", "141"]
    assert done.stderr == ""


def test_ctrl_c_ends_quietly():
    process = subprocess.Popen(
        [sys.executable, "-m", "policy_engine", "replay", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"INFO:a:b\n" * 100_000)  # more than a pipe holds: once it is taken, the command reads
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"")


def test_no_colour_is_ever_printed(capsys):
    assert main(["replay", str(SHOP)]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_help_is_quick_because_other_commands_are_not_imported():
    code = "import sys; from policy_engine.cli import _parser; _parser(['--help']); print('re2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


def test_a_fault_of_the_program_itself_is_one_line_and_ends_in_2(monkeypatch, capsys):
    monkeypatch.delenv("POLICY_ENGINE_DEBUG", raising=False)
    monkeypatch.setattr("policy_engine.cli._parser", _broken)
    assert main(["replay", "x.log"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "ZeroDivisionError: a fault" in printed.err
    assert "please report" in printed.err


def test_the_traceback_of_a_fault_is_printed_when_asked_for(monkeypatch, capsys):
    monkeypatch.setenv("POLICY_ENGINE_DEBUG", "1")
    monkeypatch.setattr("policy_engine.cli._parser", _broken)
    assert main(["replay", "x.log"]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def _broken(argv):
    raise ZeroDivisionError("a fault")
