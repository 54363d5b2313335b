"""The ``command`` action: runs a program on this host, where ``[security] allow_commands`` lists it. There is no shell.

The list stands in the action's own schema, so that `validate` shows a program that is not on it, and is asked again
when the action runs. The program gets the error's id, category and severity in its environment, nothing on its
standard input, and is killed with all that it started when the step's time is up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from policy_engine.recover import Action, ActionContext, Outcome

if TYPE_CHECKING:
    import subprocess


_NONE = "(nothing: [security] allow_commands lists no program)"
"""What a finding says may stand here, where nothing may."""


def command_action(allowed: Sequence[str]) -> Action:
    """Return the action; ``allowed`` are the programs that it may run, by absolute path."""
    schema = {
        "type": "object",
        "properties": {
            "run": {
                "type": "array",
                "description": "The program, which [security] allow_commands must list, and its arguments.",
                "prefixItems": [{"enum": list(allowed) or [_NONE]}],
                "items": {"type": "string"},
                "minItems": 1,
            },
        },
        "required": ["run"],
        "additionalProperties": False,
    }
    return Action("command", _runner(frozenset(allowed)), schema, "Run a program; an exit code of 0 is a success.")


def _runner(allowed: frozenset[str]) -> Callable[[ActionContext], Outcome]:
    def run(context: ActionContext) -> Outcome:
        program, *arguments = cast("list[str]", context.parameters["run"])
        if program not in allowed:
            raise PermissionError(f"[security] allow_commands does not list {program}")
        code = _run([program, *arguments], context)
        if code != 0:
            raise ChildProcessError(f"exit code {code}")
        return True

    return run


def _run(command: list[str], context: ActionContext) -> int:
    """Return the exit code.

    Raises:
        subprocess.TimeoutExpired: the step's time is up.
    """
    import subprocess  # an import that only a command pays for

    info = context.info
    about = {"ERROR_ID": info.id, "ERROR_CATEGORY": info.category, "ERROR_SEVERITY": info.severity.value}
    process = subprocess.Popen(  # noqa: S603  no shell, and the program is on the policy's list
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **{f"POLICY_ENGINE_{name}": value for name, value in about.items()}},
        start_new_session=True,
    )
    try:
        return process.wait(max(0.0, context.deadline - context.clock.monotonic()))
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    import signal  # as above

    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
