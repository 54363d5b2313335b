r"""What container runtimes and process managers put around a process's lines: Docker's JSON, CRI, prefixes of tools.

::

    {"log": "ERROR:shop.db:cannot reach the database\n", "stream": "stderr", "time": "2024-05-01T12:00:00.123456789Z"}
    2024-05-01T12:00:00.123456789Z stderr F ERROR:shop.db:cannot reach the database
    shop-1  | ERROR:shop.db:cannot reach the database
    [pod/shop-7d9f8/web] ERROR:shop.db:cannot reach the database
    12:00:01 web.1   | ERROR:shop.db:cannot reach the database
"""

from __future__ import annotations

import re
from string import ascii_lowercase, digits

from policy_engine.simulate.formats.json_format import Data, JsonWrapper, text_in
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts, Wraps

DOCKER = "docker"
CRI = "cri"
COMPOSE = "docker-compose"
KUBECTL = "kubectl"
PROCFILE = "procfile"

_NEVER: frozenset[str] = frozenset()


def _is_docker(data: Data) -> bool:
    return isinstance(data.get("log"), str) and ("stream" in data or "time" in data)


def _docker_parts(data: Data) -> Parts:
    text = text_in(data, "log")
    name = text_in(data, "attrs.tag", "kubernetes.container_name")
    return Parts(
        message=text.removesuffix("\n").removesuffix("\r"),
        time=text_in(data, "time"),
        thread=text_in(data, "stream"),
        host=name,
        whole=text.endswith("\n") or not text,
    )


def _cri_parts(match: Match) -> Parts:
    return Parts(
        message=match["message"] or "",
        time=match["time"] or "",
        thread=match["thread"] or "",
        whole=match["tag"] != "P",
    )


WRAPPERS = (JsonWrapper(DOCKER, _is_docker, _docker_parts, Wraps.LINES, _NEVER),)

FORMATS = (
    LineFormat(
        CRI,
        re.compile(
            r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) "
            r"(?P<level>)(?P<thread>stdout|stderr) (?P<tag>[FP])(?: (?P<message>.*)|\Z)"
        ),
        _cri_parts,
        Wraps.LINES,
        _NEVER,
        digits,
    ),
    LineFormat(
        COMPOSE,
        re.compile(
            r"(?P<host>[a-z0-9][a-z0-9_.-]{0,100}[-_]\d+(?= )|[a-z0-9][a-z0-9_.-]{0,100}(?=  )) +\| ?"
            r"(?P<level>)(?P<message>.*)"
        ),
        None,
        Wraps.LINES,
        _NEVER,
        ascii_lowercase + digits,
    ),
    LineFormat(
        KUBECTL,
        re.compile(
            r"\[(?P<host>pod/[a-z0-9.-]{1,253}/[a-z0-9.-]{1,253})\](?: |\Z)"
            r"(?:(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) )?(?P<level>)(?P<message>.*)"
        ),
        None,
        Wraps.LINES,
        _NEVER,
        "[",
    ),
    LineFormat(
        PROCFILE,
        re.compile(r"\d\d:\d\d:\d\d (?P<host>[\w-]{1,100}\.\d+|system) +\| ?(?P<level>)(?P<message>.*)"),
        None,
        Wraps.LINES,
        _NEVER,
        digits,
    ),
)
