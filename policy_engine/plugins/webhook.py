"""The ``webhook`` action: tells another system of the error, by an HTTP POST of its JSON.

What is sent is the scrubbed error. A token comes from the environment, never out of the policy. Redirects are not
followed: the policy says where the error goes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from policy_engine.recover import Action, ActionContext, Outcome

if TYPE_CHECKING:
    import http.client

_SCHEMA = {
    "type": "object",
    "properties": {
        "url": {"type": "string", "pattern": "^https?://[^/]+", "description": "Where the error is sent."},
        "headers": {
            "type": "object",
            "description": "More headers.",
            "additionalProperties": {"type": "string", "pattern": "^[^\\r\\n]*$"},
        },
        "token_env": {
            "type": "string",
            "minLength": 1,
            "description": "The environment variable that holds the bearer token.",
        },
    },
    "required": ["url"],
    "additionalProperties": False,
}


def webhook_action() -> Action:
    """Return the action."""
    return Action("webhook", webhook, _SCHEMA, "Send the error as JSON to a URL; an answer of 2xx is a success.")


def webhook(context: ActionContext) -> Outcome:
    """Send the error, within the step's time.

    Raises:
        OSError: nobody answered, or not with 2xx.
        KeyError: the environment has no such token.
        ValueError: the URL's scheme is neither http nor https.
    """
    from urllib.parse import urlsplit  # an import that only a webhook pays for

    url = urlsplit(str(context.parameters["url"]))
    path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    remaining = max(0.001, context.deadline - context.clock.monotonic())
    connection = _connection(url.scheme, url.netloc.rpartition("@")[2], remaining)
    try:
        connection.request("POST", path, body=context.info.to_json().encode(), headers=_headers(context.parameters))
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise ConnectionError(f"the answer was {status}")
    return True


def _connection(scheme: str, host: str, seconds: float) -> http.client.HTTPConnection:
    import http.client  # as above

    if scheme == "https":
        return http.client.HTTPSConnection(host, timeout=seconds)
    if scheme == "http":
        return http.client.HTTPConnection(host, timeout=seconds)
    raise ValueError(f"not a web address: {scheme}")


def _headers(parameters: Mapping[str, object]) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "policy-engine"}
    more = parameters.get("headers")
    if isinstance(more, Mapping):
        headers.update({str(name): str(value) for name, value in more.items()})
    if "token_env" in parameters:
        headers["Authorization"] = f"Bearer {os.environ[str(parameters['token_env'])]}"
    return headers
