"""Printed Java stack traces: class, message, frames and causes, so that logs of mixed systems read as one.

::

    java.io.IOException: connection lost
            at net.Client.call(Client.java:12)
            ... 3 more
    Caused by: java.net.ConnectException: refused
            at net.Socket.connect(Socket.java:88)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy_engine.model import Cause, Frame
from policy_engine.simulate.formats.printed_exception import MAX_FRAMES
from policy_engine.simulate.formats.traceback import MAX_CAUSES, Traceback

_FRAME = re.compile(r"\s+at (?P<function>[^\s(]+)\((?:(?P<file>[^():]{0,200})(?::(?P<line>\d{1,9}))?)[^)]{0,200}\)")
_CAUSE = re.compile(r"\s*(?P<relation>Caused by|Suppressed): (?P<type>[\w.$]+)(?:: (?P<message>.*))?\Z")
_ENDED_THREAD = 'Exception in thread "'
_EXCEPTION = re.compile(
    r"(?:Exception in thread \"[^\"]*\" )?(?P<type>(?:[a-z_]\w*\.)+[A-Z][\w$]*)(?:: (?P<message>.*))?\Z"
)
_NAMED_LATE = re.compile(r".*[:;(] (?P<type>(?:[a-z_]\w*\.)+[A-Z][\w$]*(?:Exception|Error))(?:: (?P<message>.*))?\Z")


def starts_java_trace(line: str) -> bool:
    """Whether the line is a frame of a Java stack trace, or joins two of its exceptions."""
    stripped = line.lstrip()
    if stripped.startswith("at "):
        return line is not stripped and _FRAME.match(line) is not None
    return stripped.startswith(("Caused by: ", "Suppressed: ")) and _CAUSE.match(line) is not None


def read_java_trace(lines: Sequence[str]) -> tuple[int, Traceback] | None:
    """Read the stack trace among a record's lines; returns the index of its first line too.

    An exception that ended a thread may have no frames.
    """
    at = next((index for index, line in enumerate(lines) if starts_java_trace(line)), None)
    if at is None:
        if not (lines and lines[0].startswith(_ENDED_THREAD) and _EXCEPTION.match(lines[0])):
            return None
        at = len(lines)
    start, name, message = _named(lines, at)
    frames: list[Frame] = []
    causes: list[Cause] = []
    for line in lines[at:]:
        if (cause := _CAUSE.match(line)) is not None:
            if len(causes) < MAX_CAUSES:
                relation = "cause" if cause["relation"] == "Caused by" else "member"
                causes.append(Cause(cause["type"], (cause["type"],), cause["message"] or "", {}, relation))
        elif not causes and (frame := _FRAME.match(line)) is not None:
            frames.append(Frame(frame["file"] or "", int(frame["line"] or 0), frame["function"]))
    # Java prints the innermost call first.
    return start, Traceback(name, message, tuple(reversed(frames[:MAX_FRAMES])), tuple(causes))


def _named(lines: Sequence[str], at: int) -> tuple[int, str, str]:
    """Find the line that names the exception above its first frame; a message may take several lines."""
    for index in range(at - 1, -1, -1):
        found = _EXCEPTION.match(lines[index])
        if found is not None:
            message = "\n".join([found["message"] or "", *lines[index + 1 : at]]).rstrip()
            return index, found["type"], message
    # A record may say first what it was about.
    late = _NAMED_LATE.match(lines[at - 1]) if at else None
    return (at, "", "") if late is None else (at, late["type"], late["message"] or "")
