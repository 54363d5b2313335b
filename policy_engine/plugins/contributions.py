"""What a plugin may bring beside actions: frozen values, each with a name that begins with the plugin's own.

Knows nothing of how a value is used. `KINDS` says which hook brings what, and what the thing is called in findings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from policy_engine.metrics import Metric
from policy_engine.model import ErrorInfo, Event
from policy_engine.observe import Alert


class Contribution(Protocol):
    """What everything that a plugin brings has."""

    @property
    def name(self) -> str:
        """The name that a policy has for it."""

    @property
    def description(self) -> str:
        """A sentence for whoever looks for it."""


@dataclass(frozen=True, slots=True)
class MetricSource:
    """A metric that conditions may compare: ``when = { metric = "acme.queue_depth", above = 100 }``."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.queue_depth"``."""
    read: Callable[[Metric], float | None]
    """Returns the value at this moment, ``None`` where there is no data. It is called often and from any thread, so it
    must be quick; the filters of a condition are in ``metric.filter_table()``. One that raises has no value."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class AlertChannel:
    """A kind of alert channel: ``[alerts.channels.pager] kind = "acme.pager"``."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.pager"``."""
    send: Callable[[Alert], object]
    """Sends one alert, on a thread of the channel's own. It fails by raising, which is counted; nobody waits for it or
    tries again."""
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "additionalProperties": False})
    """JSON Schema (draft 2020-12) of its parameters: the channel's keys that not every channel has."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who gets all events of an engine: handled errors, changes of breakers and levels, recoveries, alerts, faults."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.statsd"``."""
    export: Callable[[Sequence[Event]], object]
    """Takes a few events (``policy_engine.model``) at a time, in order, on a thread of its own. It fails by raising;
    these events are then counted as failed, and nobody tries again."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Detector:
    """What a secret looks like, wherever it stands: data, so that no plugin's code runs while an error is scrubbed."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.badge"``. It looks where ``[privacy] detectors`` lists
    it, or where that list is left out."""
    patterns: Sequence[str]
    """Regular expressions of RE2, of which every match is masked."""
    literals: Sequence[str] = ()
    """Texts of which one stands in each match, in any case: what lets all other texts pass quickly. Without, they are
    taken out of the patterns where these have any, and each text is searched where they have none."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Enricher:
    """A function that adds to the context of an error before rules see it: a tenant, a release, a host."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.tenant"``."""
    enrich: Callable[..., Mapping[str, object] | None]
    """Is called with the scrubbed `ErrorInfo`, not classified yet, on the failing thread: it must be quick, and ask
    nobody far away. Returns what to add, or ``None``. It is scrubbed; what the error's own context says stays."""
    needs: tuple[str, ...] = ()
    """``("exception",)``: it is called with the exception too, as second argument, and may not keep it."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ErrorMatcher:
    """A question that match tables may ask: ``match.plugin."acme.outside_hours" = { from = 8, to = 18 }``."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.outside_hours"``."""
    matches: Callable[[ErrorInfo, Mapping[str, object]], bool]
    """Is called with the scrubbed `ErrorInfo`, as far as it is known there (a rule asks before it is classified), and
    the table's parameters; returns true or false. It runs on the failing thread once all else in the table holds: it
    must be quick, and answer from the error alone, for replays and policy tests ask it too. One that raises is no."""
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "additionalProperties": False})
    """JSON Schema (draft 2020-12) of its parameters."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A form of log lines that replay reads: data, so that no plugin's code runs for a line."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"acme.app"``. ``--format`` names it; without that, the lines
    of each log tell whether they are in it."""
    pattern: str
    """A regular expression of RE2 for the first line of a record, with the group ``message``; further groups that mean
    something are ``time``, ``level``, ``logger``, ``host``, ``process``, ``thread`` and ``function``."""
    levels: Sequence[str] = ()
    """Words of ``level`` that make an error, beside those that everybody writes."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """What a plugin's own lint found in a policy."""

    code: str
    """Capital letters of the plugin's own and a number: ``"ACME1"``."""
    name: str
    """What the code stands for, in words with hyphens: ``"queue-without-trigger"``."""
    message: str
    """What is wrong, in a sentence without a full stop."""
    path: Sequence[str | int] = ()
    """The way to it in the policy: ``("alerts", "channels", "pager", "team")``; list items by their number."""
    severity: Literal["error", "warning"] = "warning"
    """An error refuses the policy."""
    help: str | None = None
    """What to do."""
    at_key: bool = False
    """Whether the key is wrong, and not what it holds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contribution."""

    hook: str
    """The hook that returns a list of them."""
    word: str
    """What one is called, in findings and listings."""
    words: str
    """What several are called."""
    form: type[Any]
    example: str
    """What one could be called, after the plugin's own name and a dot."""
    function: str = ""
    """The attribute that must be a plain function; empty for what is data alone."""
    taken: frozenset[str] = frozenset()
    """Names that its parameters cannot have, because other keys of its table do."""

    @property
    def a_word(self) -> str:
        """The word with its article."""
        return f"{'an' if self.word[0] in 'aeiou' else 'a'} {self.word}"


METRICS = Kind("policy_engine_metrics", "metric", "metrics", MetricSource, "queue_depth", "read")
CHANNELS = Kind(
    "policy_engine_alert_channels",
    "kind of alert channel",
    "alert channels",
    AlertChannel,
    "pager",
    "send",
    frozenset({"kind", "enabled", "used_by", "description", "logger", "level"}),
)
EXPORTERS = Kind("policy_engine_exporters", "exporter", "exporters", Exporter, "statsd", "export")
DETECTORS = Kind("policy_engine_detectors", "detector", "detectors", Detector, "badge")
ENRICHERS = Kind("policy_engine_enrichers", "enricher", "enrichers", Enricher, "tenant", "enrich")
MATCHERS = Kind("policy_engine_matchers", "matcher", "matchers", ErrorMatcher, "outside_hours", "matches")
LOG_FORMATS = Kind("policy_engine_log_formats", "log format", "log formats", LogFormat, "app")

KINDS: tuple[Kind, ...] = (METRICS, CHANNELS, EXPORTERS, DETECTORS, ENRICHERS, MATCHERS, LOG_FORMATS)
"""Every kind but actions, in the order in which they are listed."""
