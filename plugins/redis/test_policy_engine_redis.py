"""Against a Redis server of their own that is stopped and started for real."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import policy_engine_redis
import pytest
import redis
import redis.asyncio
import redis.asyncio.retry
from redis.backoff import NoBackoff
from redis.retry import Retry

from policy_engine import Engine
from policy_engine.plugins.testing import check_plugin, run_action
from policy_engine.recover import await_recovery, wait_for_recovery

POLICY = f"""
schema_version = 1
plugins = ['{Path(policy_engine_redis.__file__)}']

[categories.CACHE]
severity = "HIGH"

[[rules]]
name = "connection"
match.exception = "redis.exceptions.ConnectionError"
category = "CACHE"

[[recovery.strategies]]
name = "cache-reconnect"
match = {{ category = "CACHE" }}
steps = [{{ action = "redis.disconnect", client = "cache" }}]
verify = {{ action = "redis.ping", client = "cache", every = "50ms", timeout = "20s" }}
"""


class Server:
    """A Redis server on a port of its own."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    if shutil.which("redis-server") is None:
        if os.environ.get("POLICY_ENGINE_REQUIRE_DATA"):
            pytest.fail("no Redis server is installed")
        pytest.skip("no Redis server is installed")
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cache(server):
    with redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as client:
        yield client


def a_service(tmp_path, cache):
    (tmp_path / "policy.toml").write_text(POLICY)
    service = Engine.from_path(tmp_path / "policy.toml")
    service.register("cache", lambda: cache)
    return service


def test_an_engine_takes_the_plugin():
    assert list(check_plugin(policy_engine_redis)) == ["redis.disconnect", "redis.ping"]


def test_after_its_server_was_stopped_and_started_a_service_s_next_command_works(tmp_path, server, cache):
    service = a_service(tmp_path, cache)
    cache.set("price", "7")
    server.stop()

    with pytest.raises(redis.ConnectionError) as failed:
        cache.get("price")
    info = service.handle(failed.value)
    server.start()
    recovery = wait_for_recovery(service.recovery_manager, info.recovery_id, service.clock, timeout=20)

    assert recovery.status == "succeeded", recovery
    assert cache.set("price", "8")


def test_a_server_that_is_gone_fails_the_ping_when_its_time_is_up(server, cache):
    server.stop()

    pinged = run_action(
        policy_engine_redis, "redis.ping", {"client": "cache"}, functions={"cache": lambda: cache}, timeout=3
    )
    server.start()

    assert not pinged.succeeded
    assert pinged.detail == "its time of 3 s was up: ConnectionError"


def test_an_asynchronous_client_recovers_on_the_loop_of_the_code_that_failed(tmp_path, server):
    async def serve():
        client = redis.asyncio.Redis(port=server.port, retry=redis.asyncio.retry.Retry(NoBackoff(), 0))
        service = a_service(tmp_path, client)
        await client.set("price", "7")
        server.stop()
        try:
            await client.get("price")
        except redis.ConnectionError as error:
            info = service.handle(error)
        server.start()
        recovery = await await_recovery(service.recovery_manager, info.recovery_id)
        await client.aclose()
        return recovery

    recovery = asyncio.run(serve())

    assert recovery.status == "succeeded", recovery
