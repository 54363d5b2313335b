"""Logs of real services: nothing lost, nothing doubled, types and messages right.

The numbers were counted by hand, and for all files by awk over their prefixes and by the level column of the loghub
tables, before they were held against the reader.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from simulate.reading_makers import read, shared_data

SERVICES = {
    # file: lines, errors, with a traceback, unparsed
    "Cinder_Test_250_api.log": (359, 1, 1, 0),
    "Cinder_Test_260_volume.log": (323, 4, 3, 0),
    "Cinder_Test_40_volume.log": (300, 4, 3, 0),
    "Neutron_Test_160_l3-agent.log": (776, 6, 4, 0),
    "Neutron_Test_75_nova-compute.log": (510, 6, 5, 0),
    "Nova_Test_310_nova-api.log": (1891, 40, 40, 0),
    "Nova_Test_365_nova-compute.log": (1260, 2, 2, 0),
    "Nova_Test_420_nova-compute.log": (814, 8, 8, 0),
}
SYSTEMS = {
    # set: errors, format
    "Apache": (595, "apache"),
    "BGL": (395, "cluster"),
    "HDFS": (0, "log4j"),
    "Hadoop": (152, "log4j"),
    "Linux": (0, "syslog"),
    "OpenStack": (0, "openstack"),
    "Proxifier": (0, "dated"),
    "Zookeeper": (13, "log4j"),
}
TYPES = {
    "Cinder_Test_250_api.log": {"RemoteError": 1},
    "Cinder_Test_260_volume.log": {"CinderException": 1, "MetadataCopyFailure": 2, "": 1},
    "Cinder_Test_40_volume.log": {"ProcessExecutionError": 1, "ImageCopyFailure": 2, "": 1},
    "Neutron_Test_160_l3-agent.log": {"ProcessExecutionError": 4, "": 2},
    "Neutron_Test_75_nova-compute.log": {"InternalServerError": 4, "BuildAbortException": 1, "": 1},
    "Nova_Test_310_nova-api.log": {"AttributeError": 40},
    "Nova_Test_365_nova-compute.log": {"InstanceNotFound": 1, "DiskNotFound": 1},
    "Nova_Test_420_nova-compute.log": {"TypeError": 8},
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_log_gives_what_was_counted_by_hand(name):
    found, counts = read(shared_data("service_logs", name).read_bytes())
    assert (counts.lines, counts.errors, counts.tracebacks, counts.unparsed) == SERVICES[name]
    assert Counter(each.occurrence.type for each in found) == TYPES[name]
    assert all(each.occurrence.time for each in found)
    assert set(counts.formats) == {"openstack"}


def test_messages_of_a_service_log_are_those_of_the_exceptions():
    def messages(name):
        return [each.occurrence.message for each in read(shared_data("service_logs", name).read_bytes())[0]]

    assert set(messages("Nova_Test_420_nova-compute.log")) == {"'NoneType' object is not iterable"}
    assert set(messages("Nova_Test_310_nova-api.log")) == {"'NoneType' object has no attribute 'id'"}
    first, command, *rest = messages("Cinder_Test_40_volume.log")[0].splitlines()
    assert first == "Unexpected error while running command."
    assert command.startswith("Command: sudo cinder-rootwrap /etc/cinder/rootwrap.conf qemu-img convert -t none")
    assert rest[:2] == ["Exit code: 1", "Stdout: u''"]
    assert rest[2].endswith('Image is not in qcow2 format\\n"')
    assert len(rest) == 3
    assert messages("Neutron_Test_160_l3-agent.log")[0] == (
        "Exit code: 2; Stdin: ; Stdout: ; Stderr: RTNETLINK answers: Invalid argument"
    )


def test_a_service_log_gives_modules_and_the_text_of_the_record():
    found, _ = read(shared_data("service_logs", "Cinder_Test_250_api.log").read_bytes())
    occurrence = found[0].occurrence
    assert (occurrence.module, occurrence.function) == ("cinder.api.middleware.fault", "__call__")
    assert str(occurrence.context["log_message"]).startswith(
        "Caught error: <class 'oslo_messaging.rpc.client.RemoteError'>"
    )
    assert (occurrence.time, occurrence.context["process"]) == (1538243798.477, "3920")


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_log_gives_the_errors_of_its_table(name):
    path = shared_data("logs", f"{name}_2k.log")
    found, counts = read(path.read_bytes(), reference=path.stat().st_mtime)
    assert (counts.lines, counts.unparsed, counts.tracebacks) == (2000, 0, 0)
    assert (counts.errors, set(counts.formats)) == (SYSTEMS[name][0], {SYSTEMS[name][1]})
    with shared_data("logs", f"{name}_2k.log_structured.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    serious = {"error", "ERROR", "FATAL", "SEVERE"}
    expected = [(int(row["LineId"]), row["Content"].strip()) for row in rows if row.get("Level") in serious]
    assert [(each.line, each.occurrence.message) for each in found] == expected
    assert all(each.occurrence.time for each in found)


def test_the_manual_shows_these_numbers():
    page = (Path(__file__).parents[2] / "docs" / "replay.md").read_text("utf-8")
    systems = {f"{name}_2k.log": (2000, errors, 0, 0) for name, (errors, _) in SYSTEMS.items()}
    for name, numbers in {**SERVICES, **systems}.items():
        assert f"| `{name}` | {' | '.join(f'{number:,}' for number in numbers)} |" in page
