"""No secret of the matrix is found, by byte search, in anything that a service keeps or shows of its errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from privacy.secret_places import (
    ALONE_IN_DATA,
    ALONE_IN_TEXT,
    NAMED_IN_DATA,
    NAMED_IN_TEXT,
    SECRETS,
    TELLS_ITSELF,
    forms,
)

from policy_engine import Engine
from policy_engine.cli import main

POLICY = """
extends = ["@shipped"]
[store]
kind = "sqlite"
path = "{folder}/errors.db"
[privacy]
local_variables = 1
[bounds]
stored_alike = 1000000
[alerts.channels.ops]
kind = "log"
[[alerts.routes]]
name = "all"
match.severity.from = "LOW"
channel = "ops"
"""


class CarriesAttributesError(Exception):
    """An exception with a response that a client filled in."""

    def __init__(self, code: object) -> None:
        super().__init__()
        self.code = code
        self.reason = code


def texts() -> Iterator[tuple[str, str]]:
    """Each text of the matrix with the secret in it."""
    for place in NAMED_IN_TEXT.values():
        yield from ((secret, place(secret)) for secret in SECRETS.values())
    for place in ALONE_IN_TEXT.values():
        yield from ((SECRETS[kind], place(SECRETS[kind])) for kind in TELLS_ITSELF)


def data() -> Iterator[tuple[str, object]]:
    for place in NAMED_IN_DATA.values():
        yield from ((secret, place(secret)) for secret in SECRETS.values())
    for place in ALONE_IN_DATA.values():
        yield from ((SECRETS[kind], place(SECRETS[kind])) for kind in TELLS_ITSELF)


def errors(number: int, text: str) -> BaseException:
    """The text in another part of an exception each time: message, argument, cause, context, group, attribute, note."""
    inner = ValueError(text)
    made: list[BaseException] = [
        ValueError(text),
        KeyError(text),
        OSError(5, text),
        RuntimeError("outer"),
        RuntimeError("outer"),
        ExceptionGroup("several", [inner, TypeError("other")]),
        CarriesAttributesError(text),
        ValueError("noted"),
    ]
    error = made[number % len(made)]
    if number % len(made) == 3:
        error.__cause__ = inner
    elif number % len(made) == 4:
        error.__context__ = inner
    elif number % len(made) == 7:
        error.add_note(text)
    return error


def fail(error: BaseException, text: str) -> None:
    """Raise the error where the text is in a local variable."""
    command = [text, text.encode()]
    raise error if command else AssertionError


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that is left of an engine that handled the whole matrix, by what it is."""
    folder = tmp_path_factory.mktemp("kept")
    policy = folder / "policy.toml"
    policy.write_text(POLICY.format(folder=folder), encoding="utf-8")
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("policy_engine").addHandler(handler)
    engine = Engine.from_path(policy)
    shown: list[str] = []
    for number, (_, text) in enumerate(texts()):
        try:
            fail(errors(number, text), text)
        except BaseException as error:
            info = engine.handle(error)
            shown += [info.to_json(), repr(info)]
            if number % 8 == 0:
                shown.append(str(engine.explain(error)))
    for _, context in data():
        info = engine.handle(ValueError("no"), context=context if isinstance(context, dict) else {"value": context})
        shown += [info.to_json(), repr(info)]
    assert engine.store is not None
    assert engine.store.flush()
    found = {
        "ErrorInfo as JSON and repr, explanations": "\n".join(shown),
        "statistics": json.dumps([engine.statistics(), engine.statistics(since="1h", by="fingerprint")]),
        "logs and alerts": "\n".join(logged),
    }
    for file in folder.glob("errors.db*"):
        found[file.name] = file.read_bytes().decode("utf-8", "surrogateescape")
    engine.store.close()
    found["the closed store"] = (folder / "errors.db").read_bytes().decode("utf-8", "surrogateescape")
    log = folder / "app.jsonl"
    records = ({"type": "ValueError", "message": text, "level": "ERROR"} for _, text in texts())
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    found |= dict(printed(folder))
    logging.getLogger("policy_engine").removeHandler(handler)
    return found


def printed(folder: Path) -> Iterator[tuple[str, str]]:
    """What the commands print and write about it."""
    store, log, page = str(folder / "errors.db"), str(folder / "app.jsonl"), folder / "page.html"
    for arguments in (
        ["errors", "list", "--store", store, "--top", "10000", "--json"],
        ["errors", "stats", "--store", store, "--by", "fingerprint", "--json"],
        ["report", "--store", store, "--top", "200"],
        ["report", "--store", store, "--top", "200", "--json"],
        ["report", "--store", store, "--top", "200", "--html", str(page)],
        ["replay", log, "--top", "200", "--each", str(folder / "each.jsonl"), "--html", str(page)],
        ["replay", log, "--top", "200", "--json"],
        ["scrub", log, "--out", str(folder / "scrubbed.jsonl")],
    ):
        capture = pytest.MonkeyPatch()
        out = folder / "out.txt"
        with capture.context() as patched, out.open("w", encoding="utf-8") as file:
            patched.setattr("sys.stdout", file)
            assert main(arguments) == 0, arguments
        written = [each for each in (page, folder / "each.jsonl", folder / "scrubbed.jsonl") if each.exists()]
        yield " ".join(arguments[:2]) + "".join(arguments[-1:]), "\n".join(
            each.read_text(encoding="utf-8", errors="surrogateescape") for each in (out, *written)
        )
        for each in written:
            each.unlink()


SHORT = 6
"""Secrets shorter than this stand in other words by chance; the matrix of single places looks for them."""


def test_the_whole_matrix_left_no_secret_in_anything_that_is_kept_or_shown(kept: dict[str, str]) -> None:
    assert "errors.db-wal" in kept
    leaks = {
        (name, kind)
        for name, text in kept.items()
        for kind, secret in SECRETS.items()
        if len(secret) >= SHORT and any(form in text for form in forms(secret))
    }
    assert leaks == set()


def test_what_was_searched_is_not_empty(kept: dict[str, str]) -> None:
    assert {name for name, text in kept.items() if len(text) < 1000} <= {"errors.db"}
    assert "[scrubbed]" in kept["errors.db-wal"]
    assert '"command":[' in kept["ErrorInfo as JSON and repr, explanations"].replace('": [', '":[')
    assert kept["logs and alerts"].count("\n") > 1000
