"""A policy as it was at a git revision: ``HEAD~1:policies/`` copied into a folder of its own while it is needed.

git runs as a process without a shell, and is given a revision only after it has said which commit that is. Of the
commit come the TOML and Python files, all of them: what a policy extends may lie elsewhere.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

_KEPT = (".toml", ".py")
_SECONDS = 120


class RevisionError(Exception):
    """There is no such policy in git; the text says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a policy can be read, and how its files are named to people."""

    path: Path
    folder: str = ""
    revision: str = ""

    def named(self, text: str) -> str:
        """Return a text in which files of a revision are named by it, not by where their copies lie."""
        return text.replace(self.folder, self.revision) if self.folder else text


@contextmanager
def opened(argument: str) -> Iterator[Source]:
    """Give the place of a policy: a path, or ``REV:path`` where no such path exists.

    Raises:
        RevisionError: git knows no such revision, or nothing at the path.
    """
    revision, colon, path = argument.partition(":")
    if not colon or not revision or Path(argument).exists():
        yield Source(Path(argument))
        return
    commit = _commit(revision)
    with TemporaryDirectory(prefix="policy-engine-") as folder:
        _copy(commit, Path(folder))
        found = Path(folder, _within_repository(path))
        if not found.exists():
            raise RevisionError(f'{argument}: revision "{revision}" has no policy file or folder "{path or "."}"')
        yield Source(found, f"{folder}/", f"{revision}:")


def _commit(revision: str) -> str:
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", of=revision).strip()


def _within_repository(path: str) -> PurePosixPath:
    """The path from the repository's root; as in git, one that begins with a dot is relative to where we are."""
    relative = PurePosixPath(_git("rev-parse", "--show-prefix", of=path).strip()) if path.startswith(".") else ""
    parts: list[str] = []
    for part in PurePosixPath(relative, path).parts:
        if part == "..":
            if not parts:
                raise RevisionError(f'"{path}" lies outside the repository')
            parts.pop()
        elif part != "/":
            parts.append(part)
    return PurePosixPath(*parts)


def _copy(commit: str, folder: Path) -> None:
    top = _git("rev-parse", "--show-toplevel", of=commit).strip()
    archive = _run(["git", "-C", top, "archive", "--format=tar", commit], commit)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        kept = [entry for entry in tar if entry.isdir() or entry.issym() or entry.name.endswith(_KEPT)]
        try:
            tar.extractall(folder, kept, filter="data")
        except tarfile.FilterError as error:
            raise RevisionError(f"revision {commit}: {error}") from error


def _git(*arguments: str, of: str) -> str:
    return _run(["git", *arguments], of).decode("utf-8", "surrogateescape")


def _run(command: list[str], of: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  a fixed program; what the user gave cannot be taken for an option
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise RevisionError(
            f'"{of}" is no path here, and to read it as a revision needs git, which is not there'
        ) from None
    except subprocess.TimeoutExpired:
        raise RevisionError(f'git did not answer about "{of}" within {_SECONDS} s') from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or "no such revision"
        raise RevisionError(f'"{of}" is neither a path nor a git revision: {said}')
    return done.stdout
