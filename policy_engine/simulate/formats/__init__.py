"""The formats in which errors are recorded, each in its file. A new one is a file and a line here.

Text formats are tried in this order, the one that knew the last line first: logs change their format in mid-file.
"""

from __future__ import annotations

from policy_engine.simulate.formats import python_logging, record
from policy_engine.simulate.formats.line_format import LineFormat

TRACEBACK = "traceback"
"""Plain tracebacks, in no log at all."""

TEXT_FORMATS: tuple[LineFormat, ...] = (*python_logging.FORMATS,)

NAMES: tuple[str, ...] = (record.NAME, TRACEBACK, *dict.fromkeys(each.name for each in TEXT_FORMATS))
"""What ``--format`` takes."""


def text_formats(name: str | None) -> tuple[LineFormat, ...]:
    """The text formats to try: all of them, or the named one alone."""
    return TEXT_FORMATS if name is None else tuple(each for each in TEXT_FORMATS if each.name == name)
