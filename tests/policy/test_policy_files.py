"""Which files make up a policy, and what is said of those that cannot be read."""

import os
from pathlib import Path

import pytest

from policy_engine.policy import load
from policy_engine.policy.files import read


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'[categories."{path.stem.replace(".", "_")}_{len(name)}"]\n')


def names_of(*paths: Path) -> list[str]:
    return [str(Path(file.name).relative_to(paths[0])) for file in read(paths).files]


def test_a_folder_gives_its_toml_files_in_name_order_with_subfolders(tmp_path: Path) -> None:
    write(tmp_path, "b.toml", "a.toml", "sub/c.toml", "10.toml", "sub/deeper/d.toml", "z.toml", "notes.md")
    assert names_of(tmp_path) == ["10.toml", "a.toml", "b.toml", "sub/c.toml", "sub/deeper/d.toml", "z.toml"]


def test_tests_and_hidden_names_are_never_part_of_a_policy(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", "breaker.test.toml", ".hidden.toml", ".git/b.toml", "tests/c.test.toml")
    assert names_of(tmp_path) == ["a.toml"]


def test_a_kubernetes_config_map_is_read_once(tmp_path: Path) -> None:
    # configmap-reload#190: its files are links into a folder that is itself swapped by a link.
    write(tmp_path, "..2026_01_01/a.toml", "..2026_01_01/b.toml")
    (tmp_path / "..data").symlink_to("..2026_01_01")
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    assert names_of(tmp_path) == ["a.toml", "b.toml"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", "sub/b.toml")
    assert names_of(tmp_path, tmp_path / "sub", tmp_path / "a.toml") == ["a.toml", "sub/b.toml"]


def test_folders_that_link_in_a_circle_are_walked_once(tmp_path: Path) -> None:
    write(tmp_path, "sub/a.toml")
    (tmp_path / "sub" / "up").symlink_to("..")
    assert names_of(tmp_path) == ["sub/a.toml"]


def test_a_file_that_is_named_may_end_in_anything(tmp_path: Path) -> None:
    write(tmp_path, "policy.conf")
    assert len(read([tmp_path / "policy.conf"]).files) == 1


def the_code(path: Path) -> str:
    result = load([path])
    assert result.document is None
    (finding,) = result.diagnostics
    assert finding.file == str(path)
    return finding.code


def test_a_missing_path_is_a_finding(tmp_path: Path) -> None:
    assert the_code(tmp_path / "nowhere.toml") == "PE105"


@pytest.mark.parametrize("name", ["breaker.test.toml", ".hidden.toml", "notes.md"])
def test_a_folder_without_a_policy_is_a_finding(tmp_path: Path, name: str) -> None:
    # prometheus#6310, sigma-cli#22: no input is no success.
    write(tmp_path, name)
    assert the_code(tmp_path) == "PE106"


def test_a_policy_test_is_not_a_policy(tmp_path: Path) -> None:
    write(tmp_path, "breaker.test.toml")
    assert the_code(tmp_path / "breaker.test.toml") == "PE106"


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "\ufeff"])
def test_a_file_that_says_nothing_is_a_finding(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.toml").write_text(text)
    assert the_code(tmp_path / "policy.toml") == "PE106"


def test_no_path_at_all_is_a_finding() -> None:
    assert [finding.code for finding in load([]).diagnostics] == ["PE106"]


def test_a_link_to_nowhere_in_a_folder_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to("gone.toml")
    (finding,) = load([tmp_path]).diagnostics
    assert (finding.code, finding.file) == ("PE107", str(tmp_path / "a.toml"))


def test_a_link_to_itself_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to("a.toml")
    assert [finding.code for finding in load([tmp_path]).diagnostics] == ["PE107"]


def test_a_folder_that_cannot_be_listed_is_a_finding_and_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.toml", "closed/b.toml")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    result = load([tmp_path])
    assert result.document is None
    assert [(each.code, each.file) for each in result.diagnostics] == [("PE107", str(tmp_path / "closed"))]


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    (finding,) = load([Path("/dev/zero")]).diagnostics
    assert finding.code == "PE107"


def test_one_bad_file_does_not_hide_the_findings_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("x =\n")
    (tmp_path / "b.toml").write_text("[breakers.x]\ntimeot = '1s'\n")
    assert [finding.code for finding in load([tmp_path]).diagnostics] == ["PE101", "PE111"]
