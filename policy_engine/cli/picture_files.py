"""The files that pictures go to: their form, by their name, and whether they can be written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from policy_engine.cli.exit import CannotRunError
from policy_engine.reports import PlotExtraMissingError, require_png

_FORMS = ("svg", "png")


def writable(option: str, name: str | None) -> Path | None:
    """See that the file can be written before work begins: a long input is read only once."""
    if name is None:
        return None
    path = Path(name)
    try:
        path.open("ab").close()
    except OSError as error:
        raise CannotRunError(f"{option} {name}: {(error.strerror or str(error)).lower()}") from error
    return path


def form_of(name: str) -> Literal["svg", "png"]:
    """Return the form of ``--plot NAME``."""
    form = Path(name).suffix.lower().removeprefix(".")
    if form not in _FORMS:
        raise CannotRunError(f"--plot {name}: a picture's name ends in .svg or .png")
    if form == "png":
        try:
            require_png()
        except PlotExtraMissingError as error:
            raise CannotRunError(f"--plot {name}: {error}") from error
    return cast('Literal["svg", "png"]', form)
