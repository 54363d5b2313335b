"""The command policy-engine, a file for each subcommand.

A subcommand's module has ``add_parser(subparsers)``, which names the function to run with ``set_defaults(run=...)``;
that function takes the parsed arguments and returns an exit code. This module finds the subcommand, and sees to what
all have in common: output in UTF-8, a closed pipe and Ctrl-C that end quietly, a policy that does not load, a fault
of the program itself.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from policy_engine import __version__
from policy_engine.cli.exit import CannotRunError, Exit
from policy_engine.errors import PolicyError

_COMMANDS = {
    "init": "write a policy to start from, with tests and CI files",
    "validate": "check a policy",
    "show": "print the policy that holds, and where each entry comes from",
    "replay": "run a policy over recorded errors",
    "explain": "show why an error is classified as it is",
    "test": "run a policy's tests",
    "simulate": "draw what a policy makes of a scenario",
    "errors": "ask a store of errors",
    "report": "report what failed, from a store",
    "scrub": "take secrets out of a log",
    "pseudonym": "look up the pseudonyms of a value",
    "diff": "show what a change of a policy changes",
    "schema": "print or write the JSON Schemas for editors",
    "plugins": "list, show, check and write plugins",
}
"""The subcommands in the order of their help. Only the module of the one that is asked for is imported."""

_EPILOG = """\
example:
  policy-engine replay -p policies/ app.log
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    _write_utf_8()
    try:
        return _run(sys.argv[1:] if argv is None else list(argv))
    except CannotRunError as error:
        print(f"policy-engine: {error}", file=sys.stderr)
    except PolicyError as error:
        for diagnostic in error.diagnostics:
            print(diagnostic, file=sys.stderr)
        print("policy-engine: the policy does not load: mend what is named above", file=sys.stderr)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return Exit.CLOSED_PIPE
    except OSError as error:
        _forget_output()
        print(f"policy-engine: {_said_of(error)}", file=sys.stderr)
    except Exception as fault:  # noqa: BLE001  the last resort: whatever it is, nobody should have to read a traceback
        _report(fault)
    return Exit.COULD_NOT_RUN


def _run(argv: list[str]) -> int:
    parser = _parser(argv)
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return Exit.COULD_NOT_RUN
    _refuse_empty_names(arguments)
    code = int(arguments.run(arguments))
    sys.stdout.flush()  # a pipe that is closed shows here, where it can still end quietly
    return code


def _refuse_empty_names(arguments: argparse.Namespace) -> None:
    """An empty path would stand for the current folder: no one means it who writes a variable that is unset."""
    given = vars(arguments)
    lists = [value for value in given.values() if isinstance(value, list)]
    if any("" in names for names in [*lists, [given.get(name) for name in ("file", "old", "new")]]):
        raise CannotRunError("the name of a file or folder is empty: is a variable of the shell unset?")


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="policy-engine",
        description="Error handling kept as data: check policies, and see what they make of real errors.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"policy-engine {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command")
    asked = next((word for word in argv if not word.startswith("-")), None)
    for name, summary in _COMMANDS.items():
        module = f"policy_engine.cli.{name}"
        if find_spec(module) is None:
            continue
        if name == asked:
            import_module(module).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def _report(fault: Exception) -> None:
    import traceback  # for those alone who meet a fault

    if os.environ.get("POLICY_ENGINE_DEBUG") == "1":
        traceback.print_exception(fault)
        return
    where = traceback.extract_tb(fault.__traceback__)[-1]
    text = " ".join(traceback.format_exception_only(fault)[-1].split())
    print(
        f"policy-engine: this is a fault of policy-engine {__version__} itself: {text} "
        f"({Path(where.filename).name}:{where.lineno}): please report this line and the command to its maintainers; "
        "with POLICY_ENGINE_DEBUG=1 in the environment the command prints the traceback",
        file=sys.stderr,
    )


def _said_of(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else "cannot write the output: "
    return where + (error.strerror or str(error)).lower()


def _write_utf_8() -> None:
    """Write UTF-8 whatever the locale: policies and messages hold any text. A stream that was closed takes nothing."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  as long as the program
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_output() -> None:
    """Let the interpreter's last flush write into nothing: the pipe is closed."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
