"""The recorder of the demo's input, and the recording that ships."""

import asyncio
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from record import delivery, feed, machine, storage, upstream
from record.hour import PHASES, Job, Phase, jobs_of
from record.recorder import record

RECORDED = Path(__file__).parents[2] / "examples" / "recorded"
ERROR_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - [\w.]+ - (?:ERROR|CRITICAL) - ", re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "bot.jsonl").read_text(encoding="utf-8").splitlines()]


def log_of(folder: Path) -> str:
    return (folder / "bot.log").read_text(encoding="utf-8")


def a_minute_of(*jobs: Job, feed_is_up: bool = True) -> Phase:
    return Phase("a minute", 0.0, 60.0, 6.0 * len(jobs), feed_is_up=feed_is_up, jobs=dict.fromkeys(jobs, 1))


def recorded(folder: Path, *phases: Phase) -> list[dict[str, Any]]:
    asyncio.run(record(folder, seed=1, phases=phases))
    return records(folder)


def test_both_files_of_the_shipped_recording_hold_the_same_errors() -> None:
    assert len(ERROR_LINE.findall(log_of(RECORDED))) == len(records(RECORDED)) >= 400


def test_the_shipped_recording_names_no_path_of_the_machine_that_made_it() -> None:
    log = log_of(RECORDED)
    shown = {Path(path).parts[0] for path in re.findall(r'File "([^"]+)", line', log) if not path.startswith("<")}
    assert {part for part in shown if not part.startswith("python3.")} == {"app"}
    for text in (log, (RECORDED / "bot.jsonl").read_text(encoding="utf-8")):
        assert not re.search(r"/(?:home|root|tmp|Users|usr|opt|var|private)/", text)


def test_the_shipped_recording_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in RECORDED.iterdir()) < 1_500_000


def test_the_outage_in_the_shipped_recording_brings_more_than_thirty_errors_a_minute() -> None:
    minutes = [record["time"][11:16] for record in records(RECORDED)]
    assert all(minutes.count(f"13:{minute}") > 30 for minute in range(24, 31))
    assert all(minutes.count(f"13:{minute}") < 15 for minute in range(35, 60))


def test_everything_that_can_fail_comes_up_in_the_recorded_hour() -> None:
    random = Random(22)
    drawn = {job for phase in PHASES for _, job in jobs_of(phase, random)}
    assert drawn == {job for phase in PHASES for job in phase.jobs}


def test_a_recorded_error_carries_what_the_exception_had(tmp_path: Path) -> None:
    first = recorded(tmp_path, a_minute_of(storage.reach_the_reporting_database))[0]
    assert first["type"] == "record.storage.DatabaseUnavailableError"
    assert first["mro"][-2:] == ["Exception", "BaseException"]
    assert first["cause"] == [{"type": "ConnectionRefusedError", "message": "[Errno 111] Connection refused"}]
    assert first["module"] == "bot.storage"
    assert first["function"] == "reach_the_reporting_database"
    assert first["context"]["report"] == "hourly"


def test_an_error_logged_without_its_traceback_is_recorded_by_its_message_alone(tmp_path: Path) -> None:
    first = recorded(tmp_path, a_minute_of(delivery.give_up_on_an_alert))[0]
    assert "type" not in first
    assert first["message"].endswith("not delivered: no team 'database'")


def test_the_log_follows_the_hour_and_not_the_recording(tmp_path: Path) -> None:
    times = [each["time"] for each in recorded(tmp_path, a_minute_of(machine.write_to_a_full_disk))]
    assert times == sorted(times)
    assert times[0] >= "2026-03-03T13:00:00"
    assert times[-1] > "2026-03-03T13:00:20"


def test_a_feed_that_is_gone_refuses_and_one_that_is_back_drops(tmp_path: Path) -> None:
    gone = a_minute_of(feed.receive_from_whatever_is_there, feed_is_up=False)
    back = a_minute_of(feed.receive_from_whatever_is_there)
    types = {each["type"] for each in recorded(tmp_path, gone, back)}
    assert types == {"ConnectionRefusedError", "websockets.exceptions.ConnectionClosedError"}


def test_an_upstream_that_answers_503_is_recorded_with_its_status(tmp_path: Path) -> None:
    first = recorded(tmp_path, a_minute_of(upstream.meet_an_overloaded_upstream))[0]
    assert (first["type"], first["attributes"]["code"]) == ("urllib.error.HTTPError", 503)
