"""What people look at: the timeline of errors, a page around it, the timeline alone as a picture."""

from policy_engine.reports.curves import Curves
from policy_engine.reports.explained import explained
from policy_engine.reports.findings import Findings, InputFound, KindFound
from policy_engine.reports.markdown import markdown
from policy_engine.reports.page import page
from policy_engine.reports.period import Period, PeriodKind, period_of
from policy_engine.reports.period_findings import period_findings
from policy_engine.reports.plot import plot
from policy_engine.reports.png import PlotExtraMissingError, require_png
from policy_engine.reports.timeline import Timeline

__all__ = [
    "Curves",
    "Findings",
    "InputFound",
    "KindFound",
    "Period",
    "PeriodKind",
    "PlotExtraMissingError",
    "Timeline",
    "explained",
    "markdown",
    "page",
    "period_findings",
    "period_of",
    "plot",
    "require_png",
]
