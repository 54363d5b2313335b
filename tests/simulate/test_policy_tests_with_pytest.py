"""pytest collects policy tests in a user's own suite, and gives it an engine in virtual time."""

import subprocess
import sys
from pathlib import Path

POLICY = """
[[rules]]
name = "reset"
match.exception = "ConnectionResetError"
category = "UNKNOWN"
"""
TESTS = """
[[tests]]
name = "a reset is known"
steps = [{ error = { exception = "ConnectionResetError" }, expect = { rule = "reset" } }]
[[tests]]
name = "a reset is grave"
steps = [{ error = { exception = "ConnectionResetError" }, expect = { severity = "HIGH" } }]
"""
OWN_TESTS = """
import pytest
from policy_engine import degradable, get_error_handler, handle_error
from policy_engine.model import ErrorHandled
from policy_engine.testing import make_error

@pytest.fixture
def policy_paths():
    return "policy.toml"

@degradable("chart")
def chart():
    return "drawn"

def test_an_engine_of_its_own(virtual_engine, engine_events):
    info = virtual_engine.handle(make_error("ConnectionResetError", "by peer"))
    assert (info.rule, [event.info for event in engine_events.of(ErrorHandled)]) == ("reset", [info])

@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_fresh_handler(error_handler, turn):
    assert chart() == "drawn"
    handle_error(ValueError("bad"))
    assert error_handler is get_error_handler()
    assert error_handler.get_error_statistics()["total_errors"] == 1
    assert error_handler.degradation.current_level == "full"
    error_handler.degradation.set_level("emergency", "by this test")
"""


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "policy_engine.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "-W",
        "error",
    ]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def a_suite(folder: Path, **files: str) -> Path:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "policy.toml").write_text(POLICY)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_each_policy_test_is_an_item_and_a_failure_shows_the_expectation(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, shop__test__toml=TESTS), "-v")
    assert done.returncode == 1
    assert "shop.test.toml::a reset is known PASSED" in done.stdout
    assert "shop.test.toml::a reset is grave FAILED" in done.stdout
    assert "shop.test.toml:7:71: error PE501 expectation-failed: severity is" in done.stdout
    assert "Traceback" not in done.stdout


def test_items_are_chosen_by_word_as_any_others(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, shop__test__toml=TESTS), "-k", "known")
    assert (done.returncode, "1 passed, 1 deselected" in done.stdout) == (0, True)


def test_a_file_that_is_not_right_is_an_error(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, shop__test__toml=TESTS.replace("severity", "severty")))
    assert done.returncode == 2
    assert 'PE111 unknown-key: unknown key "severty"' in done.stdout


def test_a_policy_that_does_not_load_fails_its_tests(tmp_path: Path) -> None:
    folder = a_suite(tmp_path, shop__test__toml=TESTS)
    (folder / "policy.toml").write_text(POLICY.replace("UNKNOWN", "NETWORK"))
    done = pytest_in(folder)
    assert (done.returncode, "2 failed" in done.stdout) == (1, True)
    assert "PE203 unknown-category" in done.stdout


def test_a_policy_given_as_an_option_wins(tmp_path: Path) -> None:
    folder = a_suite(tmp_path, shop__test__toml=TESTS)
    (folder / "other").mkdir()
    (folder / "other" / "p.toml").write_text(POLICY + 'severity = "HIGH"\n')
    done = pytest_in(folder, "--error-policy", "other", "shop.test.toml")
    assert (done.returncode, "2 passed" in done.stdout) == (0, True)


def test_the_fixtures_give_each_test_an_engine_and_a_handler_of_its_own(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, test_own__py=OWN_TESTS))
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_plugin_imports_no_engine_where_nothing_needs_one(tmp_path: Path) -> None:
    own = "import sys\ndef test_it():\n    assert 'policy_engine.engine' not in sys.modules\n"
    done = pytest_in(a_suite(tmp_path, test_own__py=own))
    assert done.returncode == 0, done.stdout


LATE = """
[[tests]]
name = "a reset is known for an hour"
[[tests.steps]]
error = { exception = "ConnectionResetError" }
expect = { rule = "reset" }
[[tests.steps]]
at = "2d"
expect = { level = "full" }
"""


def test_an_expectation_after_the_last_event_is_a_warning_at_its_line(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, shop__test__toml=LATE), "-W", "default")
    assert (done.returncode, "1 passed, 1 warning" in done.stdout) == (0, True), done.stdout
    assert "shop.test.toml:9: PolicyTestWarning: PE504 late-expectation:" in done.stdout


def test_who_wants_no_warnings_gets_an_error_for_one(tmp_path: Path) -> None:
    done = pytest_in(a_suite(tmp_path, shop__test__toml=LATE))
    assert (done.returncode, "PE504 late-expectation" in done.stdout) == (2, True), done.stdout
