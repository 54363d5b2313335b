"""journald's records as ``journalctl -o json`` writes them, and as it exports them to other tools.

A record may hold several lines; lines that a service printed are records of their own.
"""

from __future__ import annotations

from policy_engine.simulate.formats.json_format import Data, JsonWrapper, text_in
from policy_engine.simulate.formats.line_format import Parts, Wraps
from policy_engine.simulate.formats.syslog import SERIOUS_PRIORITIES

NAME = "journald"

_BESIDE_A_MESSAGE = ("__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "PRIORITY", "_PID", "_HOSTNAME")


def _recognises(data: Data) -> bool:
    return "MESSAGE" in data and any(name in data for name in _BESIDE_A_MESSAGE)


def _parts(data: Data) -> Parts:
    message = _message(data["MESSAGE"])
    return Parts(
        message=message,
        begins=None if message else True,  # a blank line of a process makes no record
        time=text_in(data, "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"),
        level=text_in(data, "PRIORITY"),
        logger=text_in(data, "SYSLOG_IDENTIFIER", "_COMM"),
        host=text_in(data, "_HOSTNAME"),
        process=text_in(data, "_PID"),
        function=text_in(data, "CODE_FUNC"),
    )


def _message(value: object) -> str:
    """A message that is no UTF-8 is written as a list of its bytes, a field given twice as a list of both."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    if all(isinstance(item, int) and 0 <= item < 256 for item in value):
        return bytes(value).decode("utf-8", "replace")
    return "\n".join(text for each in value if (text := _message(each)))


WRAPPERS = (JsonWrapper(NAME, _recognises, _parts, Wraps.RECORDS, SERIOUS_PRIORITIES),)
