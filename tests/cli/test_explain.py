"""``policy-engine explain``: what may be asked, and what is refused with what was expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy_engine.cli import main

POLICY = """\
[categories.API]
severity = "MEDIUM"
[[rules]]
name = "gone"
match.message.contains = ["endpoint was removed"]
category = "API"
[[rules]]
name = "unavailable"
match.attributes.status_code = { from = 500 }
category = "API"
[[rules]]
name = "named"
match.attributes.status = "open"
category = "API"
[[severity.adjust]]
name = "always-high"
match.category = "API"
raise_to = "HIGH"
[[severity.adjust]]
name = "in-a-burst"
match.category = "API"
when = { metric = "errors", window = "1m", at_least = 3 }
raise_to = "CRITICAL"
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, encoding="utf-8")
    return str(path)


def explained(policy: str, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["explain", "-p", policy, "--json", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_message_alone_is_enough(policy, capsys) -> None:
    assert explained(policy, capsys, "--message", "the endpoint was removed")["rule"] == "gone"


@pytest.mark.parametrize("name", ["", " ", "not a type!", "a..B", "1x.Y"])
def test_what_is_no_name_of_a_class_is_refused(name: str, policy, capsys) -> None:
    assert main(["explain", "-p", policy, "--exception", name]) == 2
    assert f'--exception takes the name of a class, such as "sqlite3.OperationalError", not "{name}"' in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["m.outer.<locals>.Inner", "java.io.IOException", "org.Client$Timeout", "m.Größe"])
def test_names_of_classes_as_they_are_printed_are_taken(name: str, policy, capsys) -> None:
    assert explained(policy, capsys, "--exception", name)["type"] == name


@pytest.mark.parametrize("arguments", [[], ["--message", ""], ["--attribute", "a=1"], ["app.log", "--message", "m"]])
def test_neither_nothing_nor_a_file_beside_an_error_is_taken(arguments: list[str], policy, capsys) -> None:
    assert main(["explain", "-p", policy, *arguments]) == 2
    assert "explain takes " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["status_code", "response.status_code", "response.status"])
def test_the_status_of_a_response_is_what_rules_know_as_status_code(name: str, policy, capsys) -> None:
    assert explained(policy, capsys, "--exception", "m.E", "--attribute", f"{name}=503")["rule"] == "unavailable"


@pytest.mark.parametrize(("value", "rule"), [("503", "unavailable"), ("503.5", "unavailable"), ('"503"', None)])
def test_values_have_the_types_that_toml_gives_them(value: str, rule: str | None, policy, capsys) -> None:
    assert explained(policy, capsys, "--exception", "m.E", "--attribute", f"status_code={value}")["rule"] == rule


def test_a_value_that_toml_does_not_know_is_text(policy, capsys) -> None:
    assert explained(policy, capsys, "--exception", "m.E", "--attribute", "status=open")["rule"] == "named"


def test_an_adjustment_is_named_with_its_line_and_one_that_depends_on_others_as_possible(policy, capsys) -> None:
    found = explained(policy, capsys, "--message", "endpoint was removed")
    assert found["severity"] == "HIGH"
    assert found["decisions"][-1]["decided_by"] == 'adjustment "always-high"'
    assert found["decisions"][-1]["origin"].endswith("policy.toml:16")
    assert [(each["adjustment"], each["severity"]) for each in found["pending"]] == [("in-a-burst", "CRITICAL")]


def test_a_terminal_gets_no_control_characters(policy, capsys) -> None:
    assert main(["explain", "-p", policy, "--message", "endpoint was removed \x1b[31mred\x1b[0m"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_of_many_rules_that_were_tried_the_first_six_are_shown_and_the_rest_counted(tmp_path, capsys) -> None:
    file = tmp_path / "policy.toml"
    rules = "".join(
        f'[[rules]]\nname = "r{n}"\nmatch = {{ exception = "OSError", attributes.errno = {n} }}\ncategory = "UNKNOWN"\n'
        for n in range(1, 10)
    )
    file.write_text(rules)
    assert main(["explain", "-p", str(file), "--exception", "OSError", "--attribute", "errno=77"]) == 0
    printed = capsys.readouterr().out
    assert ('"r6"' in printed, '"r7"' in printed, "  and 3 more\n" in printed) == (True, False, True)
