"""log4j and its family as Hadoop, ZooKeeper, Spark and Spring Boot set them up.

::

    2015-10-18 18:06:26,029 FATAL [IPC Server handler 13] org.apache.hadoop.mapred.TaskAttemptListenerImpl: Task exited
    2024-05-01 12:00:00,123 ERROR [http-1] com.shop.Cart - cannot load
    2015-07-29 19:03:35,413 - ERROR [LearnerHandler-/10.10.34.11:52225:LearnerHandler@562] - Unexpected exception
    081109 203615 148 ERROR dfs.DataNode$PacketResponder: PacketResponder 1 terminating
    17/06/09 20:10:40 ERROR executor.CoarseGrainedExecutorBackend: Driver disassociated
    2024-05-01T12:00:00.123Z ERROR 4711 --- [main] shop.cart.Cart : cannot load
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import UPPER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat
from policy_engine.simulate.formats.times import ZONE

NAME = "log4j"

_TIME = r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?" + ZONE + ")"
_LEVEL = rf"(?P<level>{UPPER_LEVELS})"
_THREAD = r"[^\]]{0,200}(?:\[[^\]]{0,100}\][^\]]{0,100}){0,2}"  # with an index in it, now and then
_CLASS = r"(?P<logger>(?:[\w-]+\.)+[\w$-]+)"

FORMATS = tuple(
    LineFormat(NAME, re.compile(pattern), starts=digits)
    for pattern in (
        rf"{_TIME} - {_LEVEL} +\[(?P<thread>.*):(?P<logger>[\w$.]+)@(?:\d+|null)?\] - ?(?P<message>.*)",
        rf"{_TIME} +{_LEVEL} +\[(?P<thread>{_THREAD})\] {_CLASS}(?::| -) ?(?P<message>.*)",
        rf"{_TIME} +{_LEVEL} (?P<process>\d+) --- \[(?P<thread>[^\]]*)\] +(?P<logger>[\w.$\[\]/-]+) +: (?P<message>.*)",
        rf"(?P<time>\d{{6}} \d{{6}}) (?P<thread>\d+) {_LEVEL} {_CLASS}: ?(?P<message>.*)",
        rf"(?P<time>\d\d/\d\d/\d\d \d\d:\d\d:\d\d) {_LEVEL} (?P<logger>[\w.$-]+): ?(?P<message>.*)",
        rf"\d+ +\[(?P<thread>[^\]]*)\] {_LEVEL} +(?P<logger>[\w.$-]+)(?: [\w.-]+)? - (?P<message>.*)",
    )
)
