"""A policy that changes under a running engine: swapped as a whole, refused as a whole, watched through everything."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policy_engine import Engine, PolicyError, UnknownNameError, VirtualClock, configure
from policy_engine.model import Event, PolicyChanged
from policy_engine.testing import fresh_handler

RULE = '[categories.A]\n[[rules]]\nname = "{name}"\nmatch.exception = "OSError"\ncategory = "A"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "a.toml").write_text(RULE.format(name="first"), encoding="utf-8")
    return policies


def rule_of(engine: Engine) -> str | None:
    return engine.handle(OSError("x")).rule


def test_a_reload_takes_what_the_files_say_now(folder: Path) -> None:
    engine = Engine.from_path(folder, clock=VirtualClock())
    (folder / "a.toml").write_text(RULE.format(name="second"), encoding="utf-8")
    assert rule_of(engine) == "first"
    status = engine.reload()
    assert (status.current, status.reloads, rule_of(engine)) == (True, 1, "second")


def test_a_policy_with_an_error_is_refused_as_a_whole_and_the_last_good_one_stays(folder: Path) -> None:
    engine = Engine.from_path(folder, clock=VirtualClock())
    events: list[Event] = []
    engine.subscribe(events.append)
    (folder / "a.toml").write_text(RULE.format(name="second") + "[[rules]]\nname = 7\n", encoding="utf-8")
    status = engine.reload()
    assert not status.current
    assert rule_of(engine) == "first"
    assert [event.active for event in events if isinstance(event, PolicyChanged)] == [False]
    assert engine.policy_status.refused == status.refused
    assert engine.statistics()["policy"]["refusals"] == 1
    (folder / "a.toml").write_text(RULE.format(name="third"), encoding="utf-8")
    assert engine.reload().current
    assert rule_of(engine) == "third"


def test_a_policy_that_configure_refuses_leaves_a_trace(folder: Path) -> None:
    with fresh_handler(Engine.from_path(folder)) as handler:
        (folder / "a.toml").write_text("rules = 7\n", encoding="utf-8")
        with pytest.raises(PolicyError):
            configure(folder)
        assert handler.get_error_statistics()["policy"]["refusals"] == 1


def test_a_folder_that_is_gone_is_not_an_empty_policy(folder: Path) -> None:
    engine = Engine.from_path(folder, clock=VirtualClock())
    shutil.rmtree(folder)
    assert not engine.reload().current
    assert rule_of(engine) == "first"


def test_a_reload_brings_no_new_plugin_code_into_a_service(folder: Path) -> None:
    engine = Engine.from_path(folder, clock=VirtualClock())
    ran = folder / "ran"
    (folder / "plugin.py").write_text(f"open({str(ran)!r}, 'w')\n", encoding="utf-8")
    (folder / "b.toml").write_text('plugins = ["./plugin.py"]\n', encoding="utf-8")
    status = engine.reload()
    assert [diagnostic.code for diagnostic in status.refused] == ["PE408"]
    assert not ran.exists()


def test_the_shipped_policy_has_no_files_to_watch() -> None:
    with pytest.raises(UnknownNameError, match="no files to watch"):
        Engine(clock=VirtualClock()).watch()


class Changes:
    """Counts what a watched engine says of its policy, and waits for the next word."""

    def __init__(self, engine: Engine) -> None:
        self.seen: list[bool] = []
        self._changed = threading.Condition()
        engine.subscribe(self._note)

    def _note(self, event: Event) -> None:
        if isinstance(event, PolicyChanged):
            with self._changed:
                self.seen.append(event.active)
                self._changed.notify_all()

    def after(self, act: Callable[[], object], *, active: bool = True) -> None:
        """Do something to the files, and wait until the engine has said how the policy stands."""
        with self._changed:
            before = len(self.seen)
            act()
            arrived = self._changed.wait_for(lambda: active in self.seen[before:], timeout=20)
        assert arrived, self.seen


@pytest.fixture
def watched(folder: Path) -> Iterator[tuple[Engine, Changes]]:
    pytest.importorskip("watchfiles", reason="watching needs the extra")
    engine = Engine.from_path(folder)
    changes = Changes(engine)
    with engine.watch():
        yield engine, changes


def test_watching_survives_what_editors_and_people_do(folder: Path, watched: tuple[Engine, Changes]) -> None:
    engine, changes = watched
    file = folder / "a.toml"

    changes.after(lambda: file.write_text(RULE.format(name="written"), encoding="utf-8"))
    assert rule_of(engine) == "written"

    def save_by_renaming() -> None:
        draft = folder / ".a.toml.swp"
        draft.write_text(RULE.format(name="renamed"), encoding="utf-8")
        draft.replace(file)

    changes.after(save_by_renaming)
    assert rule_of(engine) == "renamed"

    changes.after(lambda: file.write_text("rules = [", encoding="utf-8"), active=False)
    assert rule_of(engine) == "renamed"
    changes.after(lambda: file.write_text(RULE.format(name="mended"), encoding="utf-8"))
    assert rule_of(engine) == "mended"

    changes.after(lambda: shutil.rmtree(folder), active=False)
    assert rule_of(engine) == "mended"

    def come_back() -> None:
        folder.mkdir()
        file.write_text(RULE.format(name="returned"), encoding="utf-8")

    changes.after(come_back)
    assert rule_of(engine) == "returned"


def test_watching_survives_the_link_swap_of_a_kubernetes_config_map(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="watching needs the extra")
    mount = tmp_path / "mount"

    def publish(number: int) -> None:
        version = mount / f"..version_{number}"
        version.mkdir(parents=True)
        (version / "a.toml").write_text(RULE.format(name=f"version-{number}"), encoding="utf-8")
        link = mount / "..data_tmp"
        link.symlink_to(version.name)
        link.replace(mount / "..data")

    publish(1)
    (mount / "a.toml").symlink_to("..data/a.toml")
    engine = Engine.from_path(mount)
    changes = Changes(engine)
    with engine.watch():
        changes.after(lambda: publish(2))
        assert rule_of(engine) == "version-2"
        changes.after(lambda: publish(3))
        assert rule_of(engine) == "version-3"


def test_watching_follows_the_layers_that_files_extend(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="watching needs the extra")
    for name in ("base", "other", "top"):
        (tmp_path / name).mkdir()
    base, other, top = (tmp_path / name / "a.toml" for name in ("base", "other", "top"))
    base.write_text(RULE.format(name="base"), encoding="utf-8")
    other.write_text(RULE.format(name="other"), encoding="utf-8")
    top.write_text("extends = ['../base']\n", encoding="utf-8")
    engine = Engine.from_path(tmp_path / "top")
    changes = Changes(engine)
    with engine.watch():
        changes.after(lambda: base.write_text(RULE.format(name="changed"), encoding="utf-8"))
        assert rule_of(engine) == "changed"
        changes.after(lambda: top.write_text("extends = ['../other']\n", encoding="utf-8"))
        assert rule_of(engine) == "other"
        changes.after(lambda: other.write_text(RULE.format(name="changed too"), encoding="utf-8"))
        assert rule_of(engine) == "changed too"
