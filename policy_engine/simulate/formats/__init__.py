"""The formats in which errors are recorded, each in its file. A new one is a file and a line here.

Text formats are tried in this order, those that know most of their lines first, and the one that knew the last line
before all: logs change their format in mid-file. `traceback` is no format but what remains without one.
"""

from __future__ import annotations

from policy_engine.simulate.formats import (
    access_logs,
    clusters,
    containers,
    custom,
    data_stores,
    dated,
    ecs,
    google_cloud,
    journald,
    json_log,
    letter_levels,
    log4j,
    logfmt,
    loguru_json,
    openstack,
    opentelemetry,
    python_json_logger,
    python_logging,
    record,
    rich_console,
    structlog_json,
    syslog,
    web_servers,
)
from policy_engine.simulate.formats.json_format import JsonFormat, JsonWrapper
from policy_engine.simulate.formats.line_format import LineFormat

TRACEBACK = "traceback"
"""Plain tracebacks, in no log at all."""

TEXT_FORMATS: tuple[LineFormat, ...] = (
    *openstack.FORMATS,
    *log4j.FORMATS,
    *web_servers.FORMATS,
    *containers.FORMATS,
    *data_stores.FORMATS,
    *rich_console.FORMATS,
    *access_logs.FORMATS,
    *python_logging.FORMATS,
    *logfmt.FORMATS,
    *syslog.FORMATS,
    *letter_levels.FORMATS,
    *clusters.FORMATS,
    *dated.FORMATS,
    python_logging.BARE,
)

JSON_FORMATS: tuple[JsonFormat, ...] = (
    *loguru_json.FORMATS,
    *opentelemetry.FORMATS,
    *ecs.FORMATS,
    *google_cloud.FORMATS,
    *structlog_json.FORMATS,
    *python_json_logger.FORMATS,
    *json_log.FORMATS,
)

JSON_WRAPPERS: tuple[JsonWrapper, ...] = (*containers.WRAPPERS, *journald.WRAPPERS, *google_cloud.WRAPPERS)

_JSON_NAMES = (*(each.name for each in JSON_FORMATS), *(each.name for each in JSON_WRAPPERS))
_TEXT_NAMES = tuple(each.name for each in TEXT_FORMATS)

NAMES: tuple[str, ...] = tuple(dict.fromkeys((record.NAME, TRACEBACK, python_logging.NAME, *_JSON_NAMES, *_TEXT_NAMES)))
"""What ``--format`` takes."""

custom_format = custom.custom_format
plugin_formats = custom.plugin_formats
