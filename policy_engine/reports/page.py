"""One page of HTML that tells what failed, since when, and what a policy makes of it.

It stands alone: no script, nothing fetched, and a content security policy that holds it to that; it opens from a disk
as from a server. All text that came with errors is escaped by the templates. The same findings give the same page.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import PurePath

from markupsafe import Markup

from policy_engine.model import Severity
from policy_engine.reports.done import breakers_moved, compared, cost_in_words, costly, levels_moved, tried
from policy_engine.reports.drawing import NARROW, WIDE, draw
from policy_engine.reports.findings import Findings
from policy_engine.reports.headline import headline
from policy_engine.reports.palette import DARK, LIGHT
from policy_engine.reports.period import Period
from policy_engine.reports.scene import Scene, scene_of
from policy_engine.reports.sections import category_rows, idle_functions, kinds_shown, level_times, rows
from policy_engine.reports.svg import inline_svg
from policy_engine.reports.templating import template
from policy_engine.reports.words import line


def page(findings: Findings) -> str:
    """Return the page."""
    scene = scene_of(findings.timeline, findings.degradation)
    span = None if scene is None else scene.span
    categories = list(category_rows(findings, span))
    styles = {row.name: row.style for row in categories}
    style = template("page.css.j2").render(light=LIGHT, dark=DARK)
    return template("page.html.j2").render(
        findings=findings,
        style=Markup(style),  # noqa: S704  ours, and its hash is what the content security policy allows
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        headline=headline(findings, scene),
        title=_title(findings),
        span=span,
        drawings={} if scene is None else _drawings(scene),
        categories=categories,
        severities=sorted(Severity),
        kinds=kinds_shown(findings.kinds, styles),
        critical_kinds=kinds_shown(findings.critical_kinds, styles),
        unclaimed_kinds=kinds_shown(findings.unclaimed_kinds, styles),
        level_times=level_times(findings, span),
        idle_functions=list(idle_functions(findings, span)),
        rows=[] if span is None else list(rows(findings, span)),
        done={} if findings.period is None else _done(findings.period),
        compared=compared,
    )


def _done(period: Period) -> dict[str, object]:
    return {
        "tried": tried(period),
        "levels": levels_moved(period),
        "breakers": breakers_moved(period),
        "costly": costly(period),
        "cost": list(cost_in_words(period.cost)),
        "quantiles": {name: counts.seconds.quantiles() for name, counts in period.calls.items()},
    }


def _title(findings: Findings) -> str:
    if findings.period is not None:
        return "errors of a service"
    names = [line(PurePath(each.name).name, 80) for each in findings.inputs]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _drawings(scene: Scene) -> dict[str, Markup]:
    """The timeline for wide screens and for phones; the style sheet shows one of them."""
    return {name: inline_svg(draw(scene, width=width), name) for name, width in (("wide", WIDE), ("narrow", NARROW))}
