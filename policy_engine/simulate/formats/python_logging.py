"""What Python's `logging` prints, in its default shape and the common others; gunicorn, Celery, Flask and loguru too.

::

    ERROR:shop.db:cannot reach the database
    2024-05-01 12:00:00,123 - shop.db - ERROR - cannot reach the database
    2024-05-01 12:00:00,123 ERROR shop.db: cannot reach the database
    [2024-05-01 12:00:00 +0000] [1407] [ERROR] cannot reach the database

A date and a level word tell a record; which of the fields around them is the logger is looked at for errors alone.
``[ERROR] text``, ``ERROR: text`` and ``ERROR text`` are records without a date.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import LOWER_LEVELS, UPPER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts
from policy_engine.simulate.formats.times import HALF, ZONE

NAME = "python-logging"

_PADDED = 8  # to the width of CRITICAL, as %(levelname)-8s pads
_LEAST_INDENTATION = 2  # of a traceback's lines, behind one blank more

_CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d{1,9})?" + HALF
# The day may lack.
_TIME = (
    r"(?:(?:\d{4}[-/.]\d\d[-/.]\d\d[T _]|\d\d?[-/.]\d\d?[-/.]\d{4}[T ]|\d\d?[-/ ][A-Z][a-z]{2}[-/ ]\d{4}[ :])?"
    rf"{_CLOCK}{ZONE}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{{2}} [ \d]\d {_CLOCK}{ZONE} \d{{4}})"
)
_FIELDS = r"(?:[\s|:,-]{1,16}(?:\[[^\]]{0,80}\]|\([^)]{0,80}\)|\{[^}]{0,80}\}|[\w<][^\s\[(|:]{0,80})){0,3}?"
_DATED = (
    rf"[\[(]?(?P<time>{_TIME})[\])]?(?P<before>{_FIELDS})[\s|:,\[(<-]{{1,16}}+"
    rf"(?P<level>{UPPER_LEVELS}|(?<=\[)(?:{LOWER_LEVELS}))(?![\w.=])(?P<after>.*)"
)

_REST = r"(?:[-|:]+\s+)?(?P<message>.*)"

_FIELD = re.compile(r"\((?P<aside>[^)]*)\)|(?P<plain>[^\s|\[\]()<>{},]+)")
_PROCESS = re.compile(r"(?:pid|process)?[=:#]?(\d+)", re.IGNORECASE)
# A thread, a worker or a request: what else tells one writer from another.
_WRITER = re.compile(
    r"[^.]*(?:Thread|Worker|Process|Executor|[Gg]reenlet)[^.]*"
    r"|(?:req|request|trace|tid|thread|task|worker)[-_=:#].*\d.*|(?=.*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}",
    re.ASCII,
)
# One space after it, no more: the indentation of a traceback whose prefix is repeated must stay.
_SEPARATOR = re.compile(r"(?:/(?P<process>[\w.-]+))?\s*?[\])}>]?:?(?:\s*(?P<mark>[-|:>]+|in)\s|\s)?")
_BASIC = re.compile(r":(?P<logger>[A-Za-z_][\w.]*):(?!//)(?P<message>.*)")
_LOGGER = re.compile(
    r"(?:\[(?P<bracket>[A-Za-z_][\w.-]*)\]|(?P<plain>[A-Za-z_][\w.]*))"
    r"(?::(?P<function>[A-Za-z_<]\w*>?))?(?::\d+)?(?:\s*(?P<mark>[:|-])(?:\s|\Z)|\s|\Z)"
)


# What stands for a request after the logger, in logs that repeat it on each line of a traceback.
_REQUEST = re.compile(r"\[(-|req-[^\]]{0,200}|[^\]\s]{0,100})\](?: |\Z)")


def _split(match: Match) -> Parts:
    """Take a dated record apart: fields before the level, then a logger after it where there was none."""
    logger = process = thread = ""
    for aside, field in _FIELD.findall(match["before"] or ""):
        if (number := _PROCESS.fullmatch(aside or field)) is not None:
            process = process or number[1]
        elif _WRITER.fullmatch(field) is not None:
            thread = field
        elif field[:1].isalpha() or field[:1] == "_":
            logger = field
    level = match["level"] or ""
    after = match["after"] or ""
    if len(after) - len(after.lstrip(" ")) == _PADDED + 1 - len(level):
        after = after.lstrip(" ")
    separator = _SEPARATOR.match(after)
    message = after if separator is None else after[separator.end() :]
    if separator is not None and separator["process"]:
        process = process or separator["process"]
    function = ""
    if not logger and (basic := _BASIC.match(after)) is not None:
        logger, message = basic["logger"], basic["message"]
    elif not logger:
        logger, function, message = _logger_in(message, None if separator is None else separator["mark"])
    request, message = _request_in(message)
    thread = thread or request
    return Parts(message, match["time"] or "", level, logger, "", process, thread, function)


def _request_in(text: str) -> tuple[str, str]:
    found = _REQUEST.match(text)
    if found is None:
        return "", text
    name = found[1].partition(" ")[0]
    if name == "-":
        return "", text[found.end() :]
    return (name, text[found.end() :]) if _WRITER.fullmatch(name) is not None else ("", text)


def _undated_parts(match: Match) -> Parts:
    """Take the blanks off that align texts behind levels, not those that indent a traceback."""
    level, blanks = match["level"] or "", match["blanks"] or ""
    indents = len(blanks) > _LEAST_INDENTATION and len(blanks) != _PADDED + 1 - len(level)
    return Parts((blanks[1:] if indents else "") + (match["message"] or ""), level=level)


def _logger_in(text: str, before: str | None) -> tuple[str, str, str]:
    """Split ``shop.db: message`` or ``shop.db message``; a word that could be the message's own stays there."""
    found = _LOGGER.match(text)
    if found is None:
        return "", "", text
    name = found["bracket"] or found["plain"]
    mark = found["mark"]
    sure = "." in name or found["bracket"] is not None or name in ("root", "__main__")
    if before in ("-", "|"):
        belongs = mark in ("-", "|")
    elif mark is None:
        belongs = sure
    else:
        belongs = sure or name.islower() or "_" in name
    return (name, found["function"] or "", text[found.end() :]) if belongs else ("", "", text)


_INITIALS = "".join({level[0] for level in UPPER_LEVELS.split("|")})

_NAMED = (
    LineFormat(
        NAME,
        re.compile(rf"(?P<level>{UPPER_LEVELS}):(?P<logger>[^:\s]{{1,200}}):(?P<message>.*)"),
        starts=_INITIALS,
    ),
    LineFormat(  # what AWS Lambda sets up
        NAME,
        re.compile(
            rf"\[(?P<level>{UPPER_LEVELS})\]\t(?P<time>\d{{4}}-\d\d-\d\dT\S{{1,40}})\t(?P<thread>[0-9a-f-]{{36}})\t"
            r"(?P<message>.*)"
        ),
        starts="[",
    ),
    LineFormat(NAME, re.compile(_DATED), _split, starts="[(MTWFS" + digits),
)

MARKED = LineFormat(
    NAME,
    re.compile(rf"(?:\[(?=\w+\s*\])|(?=\w+:\s))(?P<level>{UPPER_LEVELS})\s*[\]:](?P<blanks>\s*){_REST}"),
    _undated_parts,
    starts="[" + _INITIALS,
)
"""A level's word set off from the text."""

BARE = LineFormat(NAME, re.compile(rf"(?P<level>{UPPER_LEVELS})(?=\s)\s*{_REST}"), starts=_INITIALS)
"""A level's word alone before the text."""

FORMATS = (*_NAMED, MARKED)

BARE_IN_TEXT = LineFormat(NAME, re.compile(rf"(?P<level>ERROR|CRITICAL)(?=\s+\w)\s*{_REST}"), starts="EC")
"""The same in the text of a system log, where words such as ALERT or PANIC may be its own."""
