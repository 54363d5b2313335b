"""The machine the service runs on: files that are missing or wrong, a full disk, programs that fail."""

from __future__ import annotations

import logging
import subprocess
import tomllib
from pathlib import Path

from record.surroundings import Surroundings

log = logging.getLogger("bot.machine")


def write_the_heartbeat(_world: Surroundings) -> None:
    """Write a file; all is well."""
    Path("heartbeat").write_text("alive\n", encoding="utf-8")
    log.info("heartbeat written")


def read_a_missing_file(world: Surroundings) -> None:
    """Read a schedule that nobody wrote."""
    name = f"schedules/week-{world.random.randint(1, 53):02}.json"
    try:
        Path(name).read_text(encoding="utf-8")
    except OSError:
        log.exception("no schedule", extra={"context": {"file": name}})


def read_a_folder(_world: Surroundings) -> None:
    """Read a folder as if it were a file."""
    try:
        Path("templates").read_text(encoding="utf-8")
    except OSError:
        log.exception("template not readable")


def read_a_file_in_another_encoding(_world: Surroundings) -> None:
    """Read a Latin-1 template as UTF-8."""
    try:
        Path("templates/alert.txt").read_text(encoding="utf-8")
    except ValueError:
        log.exception("template not usable", extra={"context": {"file": "templates/alert.txt"}})


def read_a_bad_configuration(_world: Surroundings) -> None:
    """Load a configuration with a syntax error."""
    try:
        tomllib.loads(Path("routes.toml").read_text(encoding="utf-8"))
    except ValueError:
        log.exception("routes.toml not loaded, keeping the last good one")


def write_to_a_full_disk(_world: Surroundings) -> None:
    """Write where no space is left."""
    try:
        Path("/dev/full").write_text("audit\n", encoding="utf-8")
    except OSError:
        log.critical("audit trail not written", exc_info=True)


def run_a_hook_without_permission(_world: Surroundings) -> None:
    """Run a script that is not executable."""
    try:
        subprocess.run(["./hooks/on-call.sh"], check=True)
    except OSError:
        log.exception("on-call hook not run")


def run_a_program_that_fails(_world: Surroundings) -> None:
    """Run a program that ends with an error."""
    try:
        subprocess.run(["/bin/ls", "spool/outgoing"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        log.exception("spool not listed")


def run_a_program_that_hangs(_world: Surroundings) -> None:
    """Run a program that takes too long."""
    try:
        subprocess.run(["/bin/sleep", "5"], check=True, timeout=0.05)
    except subprocess.TimeoutExpired:
        log.exception("backup did not finish")
