"""The recorded hour: what the service does when. Knows when things fail, and nothing of how.

A calm start, an outage of eight minutes in which the feed is gone and the upstream is overloaded, a bumpy recovery,
and a calm end. Within a phase, jobs come at random, as independent requests do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from random import Random

from record import delivery, feed, machine, storage, upstream
from record.surroundings import Surroundings

Job = Callable[[Surroundings], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time (seconds), how many jobs a minute it brings, and how often which comes up among them."""

    name: str
    start: float
    end: float
    per_minute: float
    feed_is_up: bool
    jobs: dict[Job, int]


_WELL: dict[Job, int] = {
    feed.receive: 12,
    upstream.fetch: 10,
    storage.save: 10,
    delivery.deliver: 10,
    machine.write_the_heartbeat: 6,
}

_NOW_AND_THEN: dict[Job, int] = {
    feed.receive_until_it_fails: 1,
    feed.meet_a_closed_door: 1,
    feed.receive_bad_utf8: 1,
    feed.receive_bad_messages: 3,
    feed.look_up_a_name_that_is_gone: 1,
    feed.speak_tls_to_a_plain_server: 1,
    upstream.meet_a_server_error: 1,
    upstream.ask_too_often: 2,
    upstream.ask_with_an_old_key: 1,
    upstream.be_hung_up_on: 1,
    upstream.be_cut_short: 1,
    upstream.get_a_page_for_data: 1,
    storage.save_while_another_writes: 3,
    storage.save_twice: 1,
    storage.read_a_table_that_is_missing: 1,
    storage.read_a_corrupt_archive: 1,
    storage.write_to_a_replica: 1,
    storage.reach_the_reporting_database: 1,
    machine.read_a_missing_file: 2,
    machine.read_a_folder: 1,
    machine.read_a_file_in_another_encoding: 1,
    machine.read_a_bad_configuration: 1,
    machine.write_to_a_full_disk: 1,
    machine.run_a_hook_without_permission: 1,
    machine.run_a_program_that_fails: 1,
    machine.run_a_program_that_hangs: 1,
    delivery.deliver_to_an_unknown_team: 2,
    delivery.deliver_to_a_team_without_anybody: 1,
    delivery.average_of_nothing: 1,
    delivery.read_a_number_that_is_none: 1,
    delivery.escalate_in_a_circle: 1,
    delivery.load_a_channel_that_is_not_installed: 1,
    delivery.deliver_to_everybody: 1,
    delivery.wait_for_an_acknowledgement: 2,
    delivery.deliver_in_the_background: 1,
    delivery.give_up_on_an_alert: 1,
}

_OUTAGE: dict[Job, int] = {
    feed.receive_from_whatever_is_there: 24,
    feed.give_up: 4,
    feed.look_up_a_name_that_is_gone: 6,
    feed.wait_for_a_silent_server: 6,
    upstream.be_refused: 5,
    upstream.meet_an_overloaded_upstream: 12,
    upstream.wait_too_long: 5,
    upstream.be_hung_up_on: 4,
    storage.reach_the_reporting_database: 8,
    storage.save_while_another_writes: 8,
    delivery.wait_for_an_acknowledgement: 8,
    storage.save: 4,
}

_BACK: dict[Job, int] = {
    feed.receive_from_whatever_is_there: 6,
    feed.receive_until_it_fails: 3,
    feed.meet_an_overloaded_server: 4,
    upstream.meet_an_overloaded_upstream: 3,
    upstream.ask_too_often: 3,
    storage.save_while_another_writes: 4,
}

PHASES = (
    Phase("calm", 0.0, 1380.0, 6.0, feed_is_up=True, jobs=_WELL | _NOW_AND_THEN),
    Phase("outage", 1380.0, 1860.0, 48.0, feed_is_up=False, jobs=_OUTAGE),
    Phase("back", 1860.0, 2220.0, 16.0, feed_is_up=True, jobs=_WELL | _BACK),
    Phase("calm again", 2220.0, 3600.0, 5.0, feed_is_up=True, jobs=_WELL | _NOW_AND_THEN),
)


def jobs_of(phase: Phase, random: Random) -> Iterator[tuple[float, Job]]:
    """Yield each job of a phase with its time: a Poisson process, its jobs drawn by weight."""
    jobs, weights = zip(*phase.jobs.items(), strict=True)
    at = phase.start
    while (at := at + random.expovariate(phase.per_minute / 60.0)) < phase.end:
        yield at, random.choices(jobs, weights)[0]
