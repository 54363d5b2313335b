r"""Records of pairs of a key and a value: logfmt as logrus, go-kit and structlog write it, and structlog's key-values.

::

    time="2024-05-01T12:00:00Z" level=error msg="cannot reach the database" err="connection refused"
    timestamp='2024-05-01T12:00:00Z' level='error' event='it failed' exception='Traceback (most recent call last):\n'

A record has a level; the other keys may stand in any order. What is escaped in quotes is put back, a traceback too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import ascii_letters

from policy_engine.simulate.formats.levels import ANY_LEVELS, SERIOUS
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts

NAME = "logfmt"

_MESSAGES = ("msg", "event", "message", "desc")
_ERRORS = ("error", "err", "exc", "exception", "exc_info", "traceback", "stack", "stacktrace")
_TIMES = ("time", "ts", "timestamp", "t", "@timestamp")
_LOGGERS = ("logger", "logger_name", "component", "name")
_SHORT = ("eror", "EROR", "dbug", "DBUG")  # log15 writes levels in four letters

_KEY = r"[A-Za-z_@][\w.@/-]{0,63}+"
# What follows the equals sign tells which kind it is, so that no text can be read in two ways.
_VALUE = r"""(?:"(?:[^"\\]|\\.)*+(?:"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z)|[^\s"']\S*+|)"""
_PAIR = re.compile(rf"({_KEY})=({_VALUE})")
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": ""}


def _split(match: Match) -> Parts:
    pairs = {key: _plain(value) for key, value in _PAIR.findall(match["whole"] or "")}
    text, error = _first(pairs, _MESSAGES), _first(pairs, _ERRORS)
    if error and error not in text:
        text = f"{text}\n{error}" if "\n" in error else f"{text}: {error}" if text else error
    return Parts(
        message=text or match["whole"] or "",
        time=_first(pairs, _TIMES),
        level=match["level"] or "",
        logger=_first(pairs, _LOGGERS),
        host=pairs.get("hostname", ""),
        process=pairs.get("pid", ""),
        thread=pairs.get("thread", ""),
        request=pairs.get("request_id", ""),
    )


def _first(pairs: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if (value := pairs.get(key))), "")


def _plain(value: str) -> str:
    quote = value[:1]
    if quote not in ('"', "'"):
        return value
    inner = value[1:-1] if value.endswith(quote) and len(value) > 1 else value[1:]
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), inner) if "\\" in inner else inner


FORMATS = (
    LineFormat(
        NAME,
        re.compile(
            rf"(?P<whole>(?:{_KEY}={_VALUE}\s+)*?(?:level|lvl|severity|at)=[\"']?"
            rf"(?P<level>{ANY_LEVELS}|{'|'.join(_SHORT)})[\"']?(?:\s.*|\Z))"
        ),
        _split,
        serious=SERIOUS | {"eror", "EROR"},
        starts=ascii_letters + "_@",
    ),
)
