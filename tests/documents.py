"""Runs what the documentation shows: the code and the console sessions of a Markdown page, in order, in one folder.

A block marked ``python`` is a program that must succeed. In one marked ``console``, lines after ``$ `` are commands and
the lines below are what they print, standard error included; ``...`` stands for any text within a line, and for any
lines where it stands alone. Other languages are for the eye. A comment right above a block changes what it is for:
``<!-- file: NAME -->`` writes it to a file for the blocks that follow, ``<!-- not run: REASON -->`` leaves it out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BETWEEN = "\x1e"  # ASCII's record separator: no command prints it
_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[\w-]*)[^`\n]*\n(?P<text>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL
)
_NOTE = re.compile(r"<!-- *(?P<kind>file|not run): *(?P<value>.+?) *-->\s*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: the line it starts on, its language and text, and the comment above it."""

    line: int
    language: str
    text: str
    file: str = ""
    skipped: str = ""


class DocumentError(AssertionError):
    """A page shows something that is not so."""


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    end = 0
    for fence in _FENCE.finditer(page):
        note = _NOTE.search(page[end : fence.start()])
        kind, value = (note["kind"], note["value"]) if note else ("", "")
        yield Block(
            line=page.count("\n", 0, fence.start()) + 1,
            language=fence["language"],
            text=fence["text"],
            file=value if kind == "file" else "",
            skipped=value if kind == "not run" else "",
        )
        end = fence.end()


def run_page(page: str, folder: Path) -> None:
    """Run all blocks of a page in ``folder``, which holds copies of the checkout's policies and examples.

    Raises:
        DocumentError: a program fails, or a command prints something else than the page shows.
    """
    for name in ("policies", "examples", "plugins"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks_of(page):
        if block.skipped:
            continue
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            _run_program(block, folder)
        elif block.language == "console":
            _run_session(block, folder)


def session_of(text: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output below it."""
    commands: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append((line[2:].strip(), ""))
        elif commands and commands[-1][0].endswith("\\") and not commands[-1][1]:
            commands[-1] = (f"{commands[-1][0]}\n{line.strip()}", "")
        elif commands:
            commands[-1] = (commands[-1][0], commands[-1][1] + line)
        else:
            raise DocumentError(f"a console block starts with a command after '$ ', not with {line!r}")
    return commands


def shows(expected: str, printed: str) -> bool:
    """Whether ``printed`` is what the page shows, given what its dots leave out."""
    parts = []
    for line in expected.strip("\n").split("\n"):
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(piece) for piece in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.fullmatch("".join(parts), printed.strip("\n") + "\n") is not None


def _run_program(block: Block, folder: Path) -> None:
    done = _run([sys.executable, "-c", block.text], folder)
    if done.returncode:
        raise DocumentError(f"the program in line {block.line} fails:\n{done.stdout}")


def _run_session(block: Block, folder: Path) -> None:
    session = session_of(block.text)
    # One shell for the whole block, so that `cd` and `$?` mean what a reader expects.
    script = "".join(f"{command}\n__status=$?; printf '{_BETWEEN}'; (exit $__status)\n" for command, _ in session)
    done = _run(["sh", "-c", script], folder)
    outputs = done.stdout.split(_BETWEEN)[: len(session)]
    if len(outputs) < len(session):
        raise DocumentError(f"the session in line {block.line} ends early:\n{done.stdout}")
    for (command, expected), printed in zip(session, outputs, strict=True):
        if not shows(expected, printed):
            raise DocumentError(
                f"in line {block.line}, `{command}` should print\n\n{expected}\nbut prints\n\n{printed.strip()}\n"
            )


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
