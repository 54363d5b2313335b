"""What the service depends on, and how it misbehaves: real servers on ephemeral ports, real files in a folder.

The HTTP server answers as its path says: ``/status/503``, ``/hang``, ``/hangup``, ``/short``, ``/html``, ``/json``.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

from ws_alert.server import AlertServer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the service finds what it needs. Files lie in the current folder."""

    feed: AlertServer
    http_port: int
    silent_port: int
    closed_port: int
    random: Random

    def upstream(self, path: str, *, scheme: str = "http") -> str:
        """Return the address of the HTTP upstream."""
        return f"{scheme}://127.0.0.1:{self.http_port}{path}"


@asynccontextmanager
async def surroundings(random: Random) -> AsyncIterator[Surroundings]:
    """Start everything, and stop it on exit."""
    _write_files()
    released = threading.Event()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _answering(released))
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as silent:
        async with AlertServer() as feed:
            yield Surroundings(feed, http.server_port, silent.getsockname()[1], _closed_port(), random)
    released.set()
    http.shutdown()
    http.server_close()


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _write_files() -> None:
    Path("templates").mkdir()
    Path("hooks").mkdir()
    Path("templates/alert.txt").write_bytes(b"Alerte: l'h\xf4te ${host} ne r\xe9pond plus\n")  # Latin-1, read as UTF-8
    Path("hooks/on-call.sh").write_text("#!/bin/sh\necho paged\n", encoding="utf-8")  # not executable
    Path("routes.toml").write_text('[routes\nops = "pager"\n', encoding="utf-8")
    Path("archive.db").write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 16)
    with closing(sqlite3.connect("alerts.db")) as database, database:
        database.execute("create table alerts (id text primary key, priority text not null, title text not null)")


def _answering(released: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Upstream(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/status/"):
                self._answer(int(self.path.split("?")[0].rpartition("/")[2]), b"")
            elif self.path == "/hang":
                released.wait(5.0)
            elif self.path == "/short":
                self._answer(200, b'{"alerts": [', length=4096)
            elif self.path == "/html":
                self._answer(200, b"<html><body>Down for maintenance</body></html>")
            elif self.path == "/json":
                self._answer(200, b'{"alerts": []}')
            # "/hangup": the connection closes without an answer.

        def _answer(self, status: int, body: bytes, *, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Say nothing: this is the upstream's log, not the service's."""

    return Upstream
