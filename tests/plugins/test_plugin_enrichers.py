"""Enrichers that plugins bring: what they add, who sees it, and what they may not do."""

from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, an_engine, findings

from policy_engine.model import EngineFault, Occurrence

RULE = """
[categories.TENANT]
[[rules]]
name = "of-a-tenant"
match.context.tenant = "acme"
category = "TENANT"
"""


def an_enricher(folder: Path, function: str, needs: str = "()") -> None:
    a_plugin(
        folder,
        f"KEPT = []\n@hookimpl\ndef policy_engine_enrichers():\n"
        f"    return [Enricher('acme.tenant', {function}, {needs})]\n",
    )


def faults_of(engine) -> list[str]:
    faults: list[str] = []
    engine.subscribe(lambda event: faults.append(event.error) if isinstance(event, EngineFault) else None)
    return faults


def test_rules_match_what_an_enricher_added(tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info: {'tenant': 'acme', 'type': info.exception_type}")
    engine, _ = an_engine(a_policy_file(tmp_path, RULE))

    info = engine.handle(ValueError("bad"))

    assert (info.category, info.context) == ("TENANT", {"tenant": "acme", "type": "ValueError"})
    assert engine.explain(ValueError("bad")).category == "TENANT"


def test_what_an_enricher_adds_is_scrubbed_and_what_it_sees_is_too(tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info: {'password': 'hunter2', 'seen': info.message}")
    engine, _ = an_engine(a_policy_file(tmp_path, ""))

    info = engine.handle(ValueError("token=abc123"))

    assert info.context == {"password": "[scrubbed]", "seen": "token=[scrubbed]"}


def test_the_error_s_own_context_wins_and_comes_first_where_there_is_no_room(tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info: {'tenant': 'other', 'region': 'eu', 'zone': 3}")
    engine, _ = an_engine(a_policy_file(tmp_path, f"[bounds]\ncontext_items = 3\n{RULE}"))

    info = engine.handle(ValueError("bad"), context={"tenant": "acme", "order": 7})

    assert (info.category, info.context) == ("TENANT", {"tenant": "acme", "order": 7, "...": "2 more"})


def test_one_that_needs_the_exception_is_called_with_it_on_the_failing_thread(tmp_path: Path) -> None:
    an_enricher(
        tmp_path,
        "lambda info, exception: {'code': exception.code, 'thread': __import__('threading').get_ident()}",
        "('exception',)",
    )
    engine, _ = an_engine(a_policy_file(tmp_path, ""))
    import threading

    error = ValueError("bad")
    error.code = 7

    assert engine.handle(error).context == {"code": 7, "thread": threading.get_ident()}


def test_one_that_keeps_the_exception_is_a_fault_and_adds_nothing(tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info, exception: KEPT.append(exception)", "('exception',)")
    engine, _ = an_engine(a_policy_file(tmp_path, ""))
    faults = faults_of(engine)

    info = engine.handle(ValueError("bad"))

    assert info.message == "bad"
    assert [text.partition(":")[0] for text in faults] == ["ExceptionKeptError"]


@pytest.mark.parametrize("function", ["lambda info: 1 / 0", "lambda info: 'text'", "lambda: {}"])
def test_one_that_fails_is_counted_and_spoils_nothing(function: str, tmp_path: Path) -> None:
    an_enricher(tmp_path, function)
    engine, _ = an_engine(a_policy_file(tmp_path, ""))

    info = engine.handle(ValueError("bad"), context={"order": 7})

    assert (info.message, info.context) == ("bad", {"order": 7})
    assert engine.statistics()["engine_faults"] == 1


def test_an_error_inside_an_enricher_is_not_enriched_again(tmp_path: Path) -> None:
    import builtins

    an_enricher(tmp_path, "lambda info: __import__('builtins').acme_engine.handle(KeyError('inside')) and {'a': 1}")
    engine, _ = an_engine(a_policy_file(tmp_path, ""))
    builtins.acme_engine = engine
    try:
        assert engine.handle(ValueError("bad")).context == {"a": 1}
    finally:
        del builtins.acme_engine

    assert engine.statistics()["total_errors"] == 2


def test_neither_a_replay_nor_a_recorded_error_is_enriched(tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info: {'tenant': 'acme'}")
    path = a_policy_file(tmp_path, RULE)
    recorded = Occurrence("ValueError", ("ValueError", "Exception"), "bad", time=0.0)

    assert an_engine(path, dry=True)[0].handle(ValueError("bad")).category == "UNKNOWN"
    assert an_engine(path)[0].process(recorded).category == "UNKNOWN"


@pytest.mark.parametrize("needs", ["('frames',)", "'exception'", "None"])
def test_an_enricher_with_an_unknown_need_is_refused(needs: str, tmp_path: Path) -> None:
    an_enricher(tmp_path, "lambda info: None", needs)

    (found,) = findings(a_policy_file(tmp_path, ""))

    assert (found.code, found.help) == ("PE406", 'needs is () or ("exception",)')
