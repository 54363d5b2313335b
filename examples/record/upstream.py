"""The service's HTTP upstreams: they answer with errors, late, in part, or not at all."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from record.surroundings import Surroundings

log = logging.getLogger("bot.upstream")

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UpstreamError(Exception):
    """An upstream answered something unusable."""


def fetch(world: Surroundings) -> None:
    """Fetch open incidents; all is well."""
    _try(world.upstream("/json"), "incidents")


def meet_a_server_error(world: Surroundings) -> None:
    """Be answered 500."""
    _try(world.upstream("/status/500"), "incidents")


def meet_an_overloaded_upstream(world: Surroundings) -> None:
    """Be answered 503."""
    _try(world.upstream("/status/503"), "incidents")


def ask_too_often(world: Surroundings) -> None:
    """Be answered 429."""
    _try(world.upstream("/status/429"), "metrics")


def ask_with_an_old_key(world: Surroundings) -> None:
    """Be answered 401; the address in the log holds the key."""
    key = f"demo{world.random.getrandbits(64):016x}"
    url = world.upstream(f"/status/401?api_key={key}")
    try:
        _fetch(url)
    except urllib.error.HTTPError:
        log.exception("not allowed to read %s", url)


def wait_too_long(world: Surroundings) -> None:
    """Wait for an answer that does not come."""
    _try(world.upstream("/hang"), "incidents", timeout=0.05)


def be_hung_up_on(world: Surroundings) -> None:
    """See the connection close without an answer."""
    _try(world.upstream("/hangup"), "metrics")


def be_cut_short(world: Surroundings) -> None:
    """Get less than was promised."""
    _try(world.upstream("/short"), "incidents")


def be_refused(world: Surroundings) -> None:
    """Connect where nobody listens."""
    _try(f"http://127.0.0.1:{world.closed_port}/pagers", "pagers")


def get_a_page_for_data(world: Surroundings) -> None:
    """Get a maintenance page with status 200 instead of JSON."""
    _try(world.upstream("/html"), "incidents")


def _try(url: str, what: str, *, timeout: float = 2.0) -> None:
    try:
        _fetch(url, timeout=timeout)
    except (OSError, HTTPException, UpstreamError):
        log.exception("cannot fetch %s", what, extra={"context": {"url": url}})
    else:
        log.info("%s fetched", what)


def _fetch(url: str, *, timeout: float = 2.0) -> Any:
    with _opener.open(url, timeout=timeout) as response:
        body = response.read()
    try:
        return json.loads(body)
    except ValueError as error:
        raise UpstreamError("upstream answered 200 with something that is no JSON") from error
