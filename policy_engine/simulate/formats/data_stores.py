"""What the servers behind a service write: PostgreSQL, MySQL and MariaDB, Redis, RabbitMQ.

::

    2024-05-01 12:00:00.123 UTC [4711] app@shop ERROR:  duplicate key value violates unique constraint "users_pkey"
    2024-05-01 12:00:00.123 UTC [4711] app@shop DETAIL:  Key (id)=(1) already exists.
    2024-05-01T12:00:00.123456Z 8 [ERROR] [MY-010584] [Repl] error connecting to master
    4711:M 01 May 2024 12:00:00.003 # Can't save in background: fork: Cannot allocate memory
    2024-05-01 12:00:00.123456+00:00 [error] <0.123.0> Error on AMQP connection

Redis marks errors and mere news of weight alike, with "#": there a word of the text says which it is.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import LOWER_LEVELS, SERIOUS
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts

POSTGRESQL = "postgresql"
MYSQL = "mysql"
REDIS = "redis"
RABBITMQ = "rabbitmq"

_POSTGRESQL = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: ?(?:[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?)(?!\w))?)"
    r"(?P<before>(?:[\s:\[(].{0,200}?)?)[\s:]"
    r"(?:(?P<level>DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC):(?P<begins>  )"
    r"|(?=(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE):  ))(?P<message>.*)"
)
_PROCESS = re.compile(r"\[(\d+)(?:-\d+)?\]|(?<!\S)(\d+)(?!\S)")
_CLIENT = re.compile(r"[\w.-]+@[\w.-]+")

_TROUBLE = (
    r"(?i:error|fail(?!over)|can't|cannot|could not|unable|fatal|panic|abort|refused|denied|no space|out of memory|"
    r"crash|corrupt|misconf|bug report)"
)


def _postgresql_parts(match: Match) -> Parts:
    before = match["before"] or ""
    process, client = _PROCESS.search(before), _CLIENT.search(before)
    return Parts(
        message=match["message"] or "",
        time=match["time"] or "",
        level=match["level"] or "",
        logger="" if client is None else client[0],
        process="" if process is None else process[1] or process[2],
        begins=match["begins"] is not None,
    )


FORMATS = (
    LineFormat(POSTGRESQL, _POSTGRESQL, _postgresql_parts, starts=digits),
    LineFormat(
        MYSQL,
        re.compile(
            r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|\d{6} +\d?\d:\d\d:\d\d)"
            r"(?: +(?P<thread>\d+))? \[(?P<level>ERROR|Error|Warning|WARNING|Note|NOTE|System)\]"
            r"(?: \[MY-\d+\])?(?: \[(?P<logger>\w+)\])? ?(?P<message>.*)"
        ),
        starts=digits,
    ),
    LineFormat(
        REDIS,
        re.compile(
            r"\[?(?P<process>\d+)(?:\]|:[XCSM]) (?P<time>\d\d [A-Z][a-z]{2}(?: \d{4})? \d\d:\d\d:\d\d\.\d{3}) "
            rf"(?:(?P<level>#) (?!(?i:warning))(?=.{{0,500}}?{_TROUBLE})|[.*#-] )(?P<message>.*)"
        ),
        serious=frozenset("#"),
        starts="[" + digits,
    ),
    LineFormat(
        REDIS,
        re.compile(r"(?P<process>\d+):signal-handler \((?P<time>\d{10})\) (?P<level>)(?P<message>.*)"),
        starts=digits,
    ),
    LineFormat(
        RABBITMQ,
        re.compile(
            r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}(?:[+-]\d\d:\d\d)?) "
            rf"\[(?P<level>{LOWER_LEVELS})\] (?P<process><\d+\.\d+\.\d+>) ?(?P<message>.*)"
        ),
        starts=digits,
    ),
    LineFormat(
        RABBITMQ,
        re.compile(
            r"=(?P<level>[A-Z]+) REPORT==== "
            r"(?P<time>\d\d?-[A-Z][a-z]{2}-\d{4}::\d\d:\d\d:\d\d(?:\.\d+)?) ===(?P<message>)"
        ),
        serious=SERIOUS | {"CRASH", "SUPERVISOR"},
        starts="=",
    ),
)
