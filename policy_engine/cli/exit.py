"""What the command's exit code says."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """An exit code."""

    CLEAN = 0
    """It ran, and nothing is wrong."""
    FINDINGS = 1
    """It ran, and what it looked at is wrong: an invalid policy, a failed test, a difference."""
    COULD_NOT_RUN = 2
    """It could not do what was asked: a missing or empty input, wrong arguments, no valid policy to work with."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of SIGINT."""
    CLOSED_PIPE = 141
    """Whoever read its output has gone: 128 and the number of SIGPIPE."""


class CannotRunError(Exception):
    """What was asked cannot be done; its text says what is wrong, where, and what to do. Ends in COULD_NOT_RUN."""
