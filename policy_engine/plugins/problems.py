"""What is wrong with a plugin, before anybody knows where the policy names it."""

from __future__ import annotations

import traceback
from typing import NamedTuple


class Problem(NamedTuple):
    """A finding without its place."""

    code: str
    message: str
    help: str | None = None


class PluginProblemError(Exception):
    """Stops the loading of one plugin; never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def raised(name: str, doing: str, error: BaseException) -> Problem:
    """Tell that the plugin's own code raised, with the line that did."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return Problem("PE402", f'plugin "{name}" {doing}: {text}{where}')
