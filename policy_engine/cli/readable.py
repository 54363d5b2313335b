"""Whether what a command is to read can be read, asked before work begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policy_engine.cli.exit import CannotRunError
from policy_engine.policy.schema.wording import suggestion
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


def require_format(option: str, name: str | None, known: Sequence[str]) -> None:
    """See that the format that an option names is known, if it names one.

    Raises:
        CannotRunError: it is not; the text has the nearest that is, or all.
    """
    if name is not None and name not in known:
        advice = suggestion(name, known) or f"there are {', '.join(known)}"
        raise CannotRunError(f"{option} {name}: there is no such format: {advice}")


def reason(error: OSError) -> str:
    """Why a file cannot be read or written, in words."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a folder: name the files in it"
    return (error.strerror or str(error)).lower()
