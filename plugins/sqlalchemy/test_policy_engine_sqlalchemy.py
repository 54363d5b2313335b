"""Against SQLite, and against a PostgreSQL server of their own that is killed and stopped for real."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import policy_engine_sqlalchemy
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from policy_engine import Engine
from policy_engine.plugins.testing import check_plugin, run_action
from policy_engine.recover import await_recovery, wait_for_recovery

POLICY = f"""
schema_version = 1
plugins = ['{Path(policy_engine_sqlalchemy.__file__)}']

[categories.DATABASE]
severity = "HIGH"

[[rules]]
name = "driver"
match.exception = "sqlalchemy.exc.OperationalError"
category = "DATABASE"

[[recovery.strategies]]
name = "database-reconnect"
match = {{ category = "DATABASE" }}
steps = [{{ action = "sqlalchemy.dispose_pool", engine = "orders", timeout = "5s" }}]
verify = {{ action = "sqlalchemy.ping", engine = "orders", every = "50ms", timeout = "20s" }}
target = "database"
"""


class Postgres:
    """A PostgreSQL server in a folder of its own."""

    def __init__(self, folder):
        self.data = Path(folder) / "data"
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.run("initdb", "-D", self.data, "-U", "orders", "-A", "trust", "--no-sync")
        self.url = f"postgresql+psycopg://orders@127.0.0.1:{self.port}/postgres"

    def run(self, program, *arguments):
        command = [program, *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, user=self.user, cwd="/", stdin=subprocess.DEVNULL)

    def start(self):
        options = f"-h 127.0.0.1 -p {self.port} -k {self.data} -F"
        self.run("pg_ctl", "-D", self.data, "-o", options, "-l", self.data / "log", "-w", "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="module")
def postgres():
    if shutil.which("initdb") is None:
        if os.environ.get("POLICY_ENGINE_REQUIRE_DATA"):
            pytest.fail("no PostgreSQL server is installed")
        pytest.skip("no PostgreSQL server is installed")
    folder = tempfile.mkdtemp(prefix="policy-engine-")
    server = Postgres(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def orders(postgres):
    engine = sqlalchemy.create_engine(postgres.url, pool_size=5)
    yield engine
    engine.dispose()


def a_service(tmp_path, orders):
    (tmp_path / "policy.toml").write_text(POLICY)
    service = Engine.from_path(tmp_path / "policy.toml")
    service.register("orders", lambda: orders)
    return service


def run(action, engine, **options):
    functions = {"orders": lambda: engine}
    return run_action(policy_engine_sqlalchemy, action, {"engine": "orders"}, functions=functions, **options)


def query(engine, statement="SELECT 1"):
    with engine.connect() as connection:
        return connection.exec_driver_sql(statement).scalar()


def kill_backends(postgres, backends):
    for backend in backends:
        os.kill(backend, signal.SIGTERM)
    # A transaction would see the list of backends as it was at its first look, for ever.
    watcher = sqlalchemy.create_engine(postgres.url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with watcher.connect() as connection:
        while set(connection.exec_driver_sql("SELECT pid FROM pg_stat_activity").scalars()) & backends:
            time.sleep(0.01)


def test_an_engine_takes_the_plugin():
    assert list(check_plugin(policy_engine_sqlalchemy)) == ["sqlalchemy.dispose_pool", "sqlalchemy.ping"]


def test_a_sqlite_pool_is_disposed_and_answers(tmp_path):
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'orders.db'}", poolclass=sqlalchemy.QueuePool)
    query(engine)
    assert engine.pool.checkedin() == 1

    disposed = run("sqlalchemy.dispose_pool", engine)
    assert engine.pool.checkedin() == 0
    pinged = run("sqlalchemy.ping", engine)
    engine.dispose()

    assert disposed.succeeded
    assert pinged.succeeded


def test_a_database_that_never_answers_fails_the_ping_when_its_time_is_up(tmp_path):
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'orders.db'}")

    pinged = run("sqlalchemy.ping", engine, timeout=3)

    assert not pinged.succeeded
    assert pinged.detail == "its time of 3 s was up: OperationalError"


def test_an_asynchronous_engine_recovers_on_the_loop_of_the_code_that_failed(tmp_path, postgres):
    async def serve():
        engine = create_async_engine(postgres.url)
        service = a_service(tmp_path, engine)
        async with engine.connect() as connection:
            (backend,) = await connection.exec_driver_sql("SELECT pg_backend_pid()")
        await asyncio.to_thread(kill_backends, postgres, {backend[0]})
        try:
            async with engine.connect() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except sqlalchemy.exc.OperationalError as error:
            info = service.handle(error, context={"database": "orders"})
        recovery = await await_recovery(service.recovery_manager, info.recovery_id)
        await engine.dispose()
        return recovery

    recovery = asyncio.run(serve())

    assert recovery.status == "succeeded", recovery


def test_after_its_backends_were_killed_a_service_s_next_query_works(tmp_path, orders, postgres):
    service = a_service(tmp_path, orders)
    connections = [orders.connect() for _ in range(5)]
    backends = {connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() for connection in connections}
    for connection in connections:
        connection.close()
    kill_backends(postgres, backends)

    with pytest.raises(sqlalchemy.exc.OperationalError) as failed:
        query(orders)
    info = service.handle(failed.value, context={"database": "orders"})
    recovery = wait_for_recovery(service.recovery_manager, info.recovery_id, service.clock, timeout=20)

    assert recovery.status == "succeeded", recovery
    assert query(orders) == 1
    assert query(orders, "SELECT pg_backend_pid()") not in backends


def test_two_hundred_threads_hit_a_stopped_server_one_recovery_serves_them_all(tmp_path, orders, postgres):
    service = a_service(tmp_path, orders)
    query(orders)
    postgres.stop()
    recoveries, together = [], threading.Barrier(201)

    def serve():
        try:
            query(orders)
        except sqlalchemy.exc.OperationalError as error:
            info = service.handle(error, context={"database": "orders"})
            recovery_id = info.recovery_id
        together.wait()
        recoveries.append(wait_for_recovery(service.recovery_manager, recovery_id, service.clock, timeout=20))

    threads = [threading.Thread(target=serve) for _ in range(200)]
    for thread in threads:
        thread.start()
    together.wait()
    postgres.start()
    for thread in threads:
        thread.join()

    assert {recovery.status for recovery in recoveries} == {"succeeded"}
    assert len({recovery.id for recovery in recoveries}) == 1
    assert len(recoveries) == 200
    assert query(orders) == 1
