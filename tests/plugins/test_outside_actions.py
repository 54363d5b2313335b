"""The built-in actions that reach outside the engine: a webhook to a real server, and programs on this host."""

import http.server
import json
import os
import select
import sys
import threading

import jsonschema
import pytest

from policy_engine.plugins import Action, builtin, hookimpl
from policy_engine.plugins.command import command_action
from policy_engine.plugins.testing import an_error, run_action


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Authorization"], json.loads(body)))
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver():
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.answer = [], 204
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def call_webhook(receiver, **parameters):
    url = f"http://127.0.0.1:{receiver.server_port}/hooks?team=ops"
    return run_action(builtin, "webhook", {"url": url, **parameters}, error=an_error("it broke"))


def test_a_webhook_sends_the_error_with_a_token_from_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")

    result = call_webhook(receiver, token_env="HOOK_TOKEN")

    ((path, authorization, error),) = receiver.received
    assert result.succeeded
    assert (path, authorization) == ("/hooks?team=ops", "Bearer t0ken")
    assert (error["id"], error["message"]) == ("test", "it broke")


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_an_answer_other_than_2xx_is_a_failure_and_no_redirect_is_followed(receiver, answer):
    receiver.answer = answer

    assert not call_webhook(receiver).succeeded
    assert len(receiver.received) == 1


def test_a_webhook_without_its_token_is_not_sent(receiver):
    assert not call_webhook(receiver, token_env="NO_SUCH_TOKEN").succeeded
    assert receiver.received == []


def test_a_webhook_goes_to_web_addresses_alone():
    with pytest.raises(AssertionError, match="file:///etc/passwd"):
        run_action(builtin, "webhook", {"url": "file:///etc/passwd"})


class Command:
    """A plugin with the command action, for some programs."""

    def __init__(self, *allowed):
        self.allowed = allowed

    @hookimpl
    def policy_engine_actions(self):
        return [command_action(self.allowed)]


def run_python(program, **options):
    return run_action(Command(sys.executable), "command", {"run": [sys.executable, "-c", program]}, **options)


def test_a_listed_command_runs_with_the_error_in_its_environment(tmp_path):
    seen = tmp_path / "seen"

    result = run_python(f"import os; open({str(seen)!r}, 'w').write(os.environ['POLICY_ENGINE_ERROR_ID'])")

    assert result.succeeded
    assert seen.read_text() == "test"


def test_a_command_that_fails_is_a_failure_with_its_exit_code():
    result = run_python("raise SystemExit(3)")

    assert (result.succeeded, result.detail) == (False, "ChildProcessError: exit code 3")


def test_a_command_is_killed_with_all_it_started_when_its_time_is_up(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    child = f"import time; pipe = open({str(pipe)!r}, 'wb', buffering=0); pipe.write(b'here'); time.sleep(60)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    result = run_python(program, timeout=0.7)

    assert not result.succeeded
    said = b"."
    while said:
        assert select.select([reading], [], [], 10)[0], "its child still holds the pipe"
        said = os.read(reading, 4)
    os.close(reading)


def test_a_command_gets_its_arguments_as_they_are_for_there_is_no_shell(tmp_path):
    result = run_action(Command("/bin/test"), "command", {"run": ["/bin/test", "$(id)", "=", "$(id)"]})

    assert result.succeeded


def test_a_command_that_is_not_listed_is_refused_by_the_schema_and_by_the_action():
    action: Action = command_action(["/bin/true"])

    with pytest.raises(jsonschema.ValidationError, match="/bin/sh"):
        jsonschema.validate({"run": ["/bin/sh"]}, action.schema)

    class Unchecked:
        @hookimpl
        def policy_engine_actions(self):
            return [Action("test.command", action.run, {})]

    result = run_action(Unchecked(), "test.command", {"run": ["/bin/sh", "-c", "true"]})
    assert result.detail == "PermissionError: [security] allow_commands does not list /bin/sh"


def test_no_command_is_listed_where_no_policy_lists_one():
    with pytest.raises(AssertionError):
        run_action(Command(), "command", {"run": ["/bin/true"]})
