"""Alert routes: which errors tell whom, how often, in which words.

Knows no policy file and no engine: routes are compiled values, and a channel is a function that takes a text. Sending
runs on the clock's workers, so a slow channel slows no caller. A throttled alert is counted and said with the next one.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from policy_engine.match import Matcher, compile_matcher
from policy_engine.model import AlertSent, ErrorInfo, Event, Occurrence
from policy_engine.policy.durations import seconds

if TYPE_CHECKING:
    from jinja2 import Template

    from policy_engine.clock import Clock

DEFAULT_TEXT = (
    "{{ severity }} {{ category }}: {{ type }}: {{ message }}"
    "{% if module %} in {{ module }}{% if function %}.{{ function }}{% endif %}{% endif %}"
    "{% if suppressed %} ({{ suppressed }} more were held back){% endif %}"
)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go. Kind ``log``: a logger and a level of the standard library's `logging`."""

    name: str
    logger: str = "policy_engine.alerts"
    level: int = logging.ERROR


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


def compile_alerts(section: Mapping[str, Any]) -> AlertOptions:
    """Compile ``[alerts]``."""
    channels = {
        name: Channel(
            name,
            table.get("logger", "policy_engine.alerts"),
            logging.getLevelNamesMapping()[table.get("level", "ERROR")],
        )
        for name, table in section.get("channels", {}).items()
    }
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
        dry: bool = False,
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._fault = fault
        self._max_groups = groups
        self._dry = dry
        self._lock = threading.Lock()
        self._groups: OrderedDict[tuple[str, ...], _Group] = OrderedDict()
        self.dropped = 0
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
        """Hand a text to a channel's worker; what a full queue refuses is counted as ``dropped``."""
        target = self._options.channels.get(channel)
        self._submit(lambda: self._deliver(target, channel, text, info))

    def _route(self, route: Route, info: ErrorInfo, target: Channel | None) -> None:
        suppressed = self._held_back(route, info)
        if suppressed is None:
            return

        def render_then_deliver() -> None:
            text = self._rendered(route.text, info, suppressed)
            self._deliver(target, route.channel, text, info, route=route.name, suppressed=suppressed)

        self._submit(render_then_deliver)

    def _submit(self, task: Callable[[], None]) -> None:
        if not self._clock.submit(task):
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
            # One line an alert: a line break in a message must not forge a second log record.
            logging.getLogger(target.logger).log(target.level, "%s", " ".join(text.splitlines()))
        self._publish(AlertSent(self._clock.time(), route, channel, text, suppressed, info))


def compile_template(text: str) -> Template:
    """Compile an alert's text in Jinja2's sandbox; plain text, so nothing is HTML-escaped.

    Raises:
        jinja2.TemplateSyntaxError: the text is no template.
    """
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # takes 20 ms to import; the first alert pays it

    return ImmutableSandboxedEnvironment(autoescape=False).from_string(text)
