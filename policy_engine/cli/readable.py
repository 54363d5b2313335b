"""Whether what a command is to read can be read, asked before work begins."""

from __future__ import annotations

from collections.abc import Iterable

from policy_engine.cli.exit import CannotRunError
from policy_engine.simulate import Input


def require_readable(inputs: Iterable[Input]) -> None:
    """See that every input can be opened.

    Raises:
        CannotRunError: one cannot; the text names it and says why.
    """
    for each in inputs:
        try:
            each.probe()
        except OSError as error:
            raise CannotRunError(f"{each.shown}: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Why a file cannot be read or written, in words."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a folder: name the files in it"
    return (error.strerror or str(error)).lower()
