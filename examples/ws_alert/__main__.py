"""Run the bot, or a server to try it against.

::

    cd examples
    python -m ws_alert serve --port 8765
    python -m ws_alert run ws://127.0.0.1:8765/alerts
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from ws_alert.alerts import Alert
from ws_alert.client import ConnectionGivenUpError, WebSocketClient
from ws_alert.error_handler import configure, get_error_handler
from ws_alert.server import serve_forever


def main() -> int:
    """Run one of the two; 0 when interrupted, 1 when the bot gave up."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
    try:
        if arguments.command == "serve":
            asyncio.run(serve_forever(arguments.port))
        else:
            _run_bot(arguments.uri, arguments.policy)
    except KeyboardInterrupt:
        return 0
    except ConnectionGivenUpError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run_bot(uri: str, policy: Path | None) -> None:
    if policy is not None:
        configure(policy)
    client = WebSocketClient(uri)
    client.on_alert(_show)
    try:
        asyncio.run(client.run())
    finally:
        total = get_error_handler().get_error_statistics()["total_errors"]
        print(f"{client.counts['delivered']} alerts delivered, {total} errors handled")


def _show(alert: Alert) -> None:
    print(f"{alert.priority.upper():8} {alert.id}  {alert.title}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ws_alert", description="A WebSocket alert bot.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="receive alerts and print them")
    run.add_argument("uri", help="for example ws://127.0.0.1:8765/alerts")
    run.add_argument("--policy", type=Path, help="a folder of TOML policies; without it, the shipped one")
    serve = commands.add_parser("serve", help="serve alerts to try the bot against")
    serve.add_argument("--port", type=int, default=8765)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
