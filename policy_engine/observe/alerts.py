"""Alert routes: which errors tell whom, how often, in which words.

Knows no policy file and no engine: routes are compiled values, and a channel is a function that takes a text. Each
channel has a bounded queue and a thread of its own, so one that is slow, or hangs, holds up nobody but itself. A
throttled alert is counted and said with the next one.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from policy_engine.forks import ForkSafeLock
from policy_engine.match import Matcher, compile_matcher
from policy_engine.model import AlertSent, ErrorInfo, Event, Occurrence
from policy_engine.policy.durations import seconds

if TYPE_CHECKING:
    from jinja2 import Template

    from policy_engine.clock import Clock, Lane

DEFAULT_TEXT = (
    "{{ severity }} {{ category }}: {{ type }}: {{ message }}"
    "{% if module %} in {{ module }}{% if function %}.{{ function }}{% endif %}{% endif %}"
    "{% if suppressed %} ({{ suppressed }} more were held back){% endif %}"
)


_KEYS_OF_EVERY_CHANNEL = frozenset({"kind", "enabled", "used_by", "description"})

_delivering: ContextVar[bool] = ContextVar("policy_engine_alert", default=False)
"""Whether the running code is a channel's: an alert about its errors would follow each alert, for ever."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a channel is to send."""

    channel: str
    parameters: Mapping[str, object]
    """The channel's own keys in the policy."""
    text: str
    info: ErrorInfo
    """The error, scrubbed."""
    route: str
    """Empty where an action of a recovery sends it."""
    suppressed: int
    """How many alerts of this kind were held back since the last one."""


Send = Callable[[Alert], object]


class ChannelKind(Protocol):
    """A way in which alerts go out, as a plugin brings one."""

    @property
    def send(self) -> Send:
        """What sends an alert; it fails by raising."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go."""

    name: str
    send: Send
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Route:
    """Errors that match go to a channel, at most once in ``throttle`` seconds for each group."""

    name: str
    matcher: Matcher
    channel: str
    group_by: tuple[str, ...] = ()
    throttle: float = 0.0
    text: str = DEFAULT_TEXT


@dataclass(frozen=True, slots=True)
class AlertOptions:
    """All channels and routes of a policy."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


_NO_KINDS: Mapping[str, ChannelKind] = {}


def compile_alerts(section: Mapping[str, Any], kinds: Mapping[str, ChannelKind] = _NO_KINDS) -> AlertOptions:
    """Compile ``[alerts]``; ``kinds`` are the kinds of channels that plugins bring.

    Raises:
        KeyError: a channel is of a kind that is not there.
    """
    channels = {name: _channel(name, table, kinds) for name, table in section.get("channels", {}).items()}
    routes = tuple(
        Route(
            table["name"],
            compile_matcher(table.get("match", {})),
            table["channel"],
            tuple(table.get("group_by", ())),
            seconds(table["throttle"]) if "throttle" in table else 0.0,
            table.get("text", DEFAULT_TEXT),
        )
        for table in section.get("routes", ())
    )
    return AlertOptions(channels, routes)


def _channel(name: str, table: Mapping[str, Any], kinds: Mapping[str, ChannelKind]) -> Channel:
    parameters = {key: value for key, value in table.items() if key not in _KEYS_OF_EVERY_CHANNEL}
    send = _log if table["kind"] == "log" else kinds[table["kind"]].send
    return Channel(name, send, parameters)


def _log(alert: Alert) -> None:
    """Kind ``log``: write to a logger of the standard library's `logging`."""
    logger = logging.getLogger(str(alert.parameters.get("logger", "policy_engine.alerts")))
    level = logging.getLevelNamesMapping()[str(alert.parameters.get("level", "ERROR"))]
    # One line an alert: a line break in a message must not forge a second log record.
    logger.log(level, "%s", " ".join(alert.text.splitlines()))


@dataclass(slots=True)
class _Group:
    last_sent: float
    suppressed: int = 0


class AlertRouter:
    """Sends alerts for errors. One router lives as long as its engine; `adopt` gives it new routes."""

    def __init__(
        self,
        options: AlertOptions,
        *,
        clock: Clock,
        publish: Callable[[Event], None],
        fault: Callable[[str, BaseException], None],
        groups: int = 10_000,
        queue: int = 10_000,
        dry: bool = False,
    ) -> None:
        """``groups``: throttles kept at once; ``queue``: alerts that may wait for one channel."""
        self._clock = clock
        self._publish = publish
        self._fault = fault
        self._max_groups = groups
        self._dry = dry
        self._lock = ForkSafeLock()
        self._queue = queue
        self._lanes: dict[str, Lane] = {}
        self._groups: OrderedDict[tuple[str, ...], _Group] = OrderedDict()
        self.dropped = 0
        self.failed = 0
        """Alerts that their channel could not send."""
        self._templates: dict[str, Template] = {}
        self._options = options

    def adopt(self, options: AlertOptions) -> None:
        """Use other routes from now on; throttles of routes that keep their name keep running."""
        self._options = options

    def error_handled(self, occurrence: Occurrence, info: ErrorInfo, options: AlertOptions) -> None:
        """Send what the routes say about one error; ``options`` are those under which it was classified."""
        for route in options.routes:
            if route.matcher.holds(occurrence):
                self._route(route, info, options.channels.get(route.channel))

    def send(self, channel: str, text: str, info: ErrorInfo) -> None:
        """Hand a text to a channel's thread; what a full queue refuses is counted as ``dropped``."""
        target = self._options.channels.get(channel)
        self._submit(channel, lambda: self._deliver(target, channel, text, info))

    def _route(self, route: Route, info: ErrorInfo, target: Channel | None) -> None:
        if _delivering.get():
            self.dropped += 1
            return
        suppressed = self._held_back(route, info)
        if suppressed is None:
            return

        def render_then_deliver() -> None:
            text = self._rendered(route.text, info, suppressed)
            self._deliver(target, route.channel, text, info, route=route.name, suppressed=suppressed)

        self._submit(route.channel, render_then_deliver)

    def _submit(self, channel: str, task: Callable[[], None]) -> None:
        with self._lock:
            lane = self._lanes.get(channel)
            if lane is None:
                lane = self._lanes[channel] = self._clock.lane(f"alerts-{channel}", self._queue)
        if not lane.submit(task):
            self.dropped += 1

    def _held_back(self, route: Route, info: ErrorInfo) -> int | None:
        """How many alerts were held back since the last one; ``None`` to hold this one back too."""
        if not route.throttle:
            return 0
        key = (route.name, *(str(getattr(info, name, "")) for name in route.group_by))
        now = self._clock.monotonic()
        with self._lock:
            group = self._groups.get(key)
            if group is None:
                if len(self._groups) >= self._max_groups:
                    self._groups.popitem(last=False)
                self._groups[key] = _Group(now)
                return 0
            if now - group.last_sent < route.throttle:
                group.suppressed += 1
                return None
            suppressed = group.suppressed
            group.last_sent, group.suppressed = now, 0
            self._groups.move_to_end(key)
            return suppressed

    def _rendered(self, text: str, info: ErrorInfo, suppressed: int) -> str:
        try:
            template = self._templates.get(text)
            if template is None:
                template = self._templates[text] = compile_template(text)
            return template.render(**info.to_dict(), suppressed=suppressed)
        except Exception as error:  # noqa: BLE001  an alert with plain words is better than none
            self._fault("the text of an alert", error)
            return f"{info.severity} {info.category}: {info.type}: {info.message}"

    def _deliver(
        self,
        target: Channel | None,
        channel: str,
        text: str,
        info: ErrorInfo,
        *,
        route: str = "",
        suppressed: int = 0,
    ) -> None:
        if target is not None and not self._dry:
            try:
                _send(target, Alert(channel, target.parameters, text, info, route, suppressed))
            except Exception as error:  # noqa: BLE001  a channel that is down must not take its thread along
                self.failed += 1
                self._fault(f'the alert channel "{channel}"', error)
                return
        self._publish(AlertSent(self._clock.time(), route, channel, text, suppressed, info))


def _send(target: Channel, alert: Alert) -> None:
    token = _delivering.set(True)
    try:
        target.send(alert)
    finally:
        _delivering.reset(token)


def compile_template(text: str) -> Template:
    """Compile an alert's text in Jinja2's sandbox; plain text, so nothing is HTML-escaped.

    Raises:
        jinja2.TemplateSyntaxError: the text is no template.
    """
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # takes 20 ms to import; the first alert pays it

    return ImmutableSandboxedEnvironment(autoescape=False).from_string(text)
