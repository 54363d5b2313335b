"""What three checkers find of each of the mistakes in ``tests/lint/mistakes.toml``: how much, and where.

One mistake should be one finding. A place is exact when it lies between the marks, on the right line when only that is
right. tombi and check-jsonschema hold the same files against the same schema; what no schema can know, such as a name
that nothing defines, only our checker is built to find: the groups keep that apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policy_engine.compile import check_layers
from policy_engine.policy.shipped import schema_path

MISTAKES = Path(__file__).parents[1] / "tests" / "lint" / "mistakes.toml"
CHECKERS = ("policy-engine", "tombi", "check-jsonschema")


class Place(NamedTuple):
    line: int
    column: int


class Mistake(NamedTuple):
    group: str
    name: str
    text: str
    start: Place
    end: Place

    def judge(self, found: Sequence[Place | None]) -> str:
        """How many findings there are, and the best of their places."""
        if not found:
            return "0"
        places = [place for place in found if place is not None]
        if any(self.start <= place < max(self.end, Place(self.start.line, self.start.column + 1)) for place in places):
            where = "exact"
        elif any(self.start.line <= place.line <= self.end.line for place in places):
            where = "line"
        else:
            where = "elsewhere" if places else "no place"
        return f"{len(found)} {where}"


def read_mistakes() -> list[Mistake]:
    return [_read(table) for table in tomllib.loads(MISTAKES.read_text("utf-8"))["mistakes"]]


def _read(table: Mapping[str, str]) -> Mistake:
    before, rest = table["policy"].split("«")
    inside, after = rest.split("»")
    start, end = _after(before), _after(before + inside)
    return Mistake(table["group"], table["name"], before + inside + after, start, end)


def _after(text: str) -> Place:
    lines = text.split("\n")
    return Place(len(lines), len(lines[-1]) + 1)


def ours(files: Sequence[Path]) -> list[list[Place | None]]:
    """What `policy-engine validate --resolve` finds."""
    return [
        [
            None if found.span is None else Place(found.span.line, found.span.column)
            for found in check_layers([[file]], advice=True, resolve=True).diagnostics
        ]
        for file in files
    ]


def tombi(files: Sequence[Path]) -> list[list[Place | None]]:
    folder = files[0].parent
    (folder / "tombi.toml").write_text(
        f'[[schemas]]\npath = {json.dumps(str(schema_path()))}\ninclude = ["*.toml"]\nstrict = false\n'
    )
    report = folder / "tombi.json"
    command = [
        "tombi",
        "lint",
        "--offline",
        "--quiet",
        "--diagnostics-format",
        "json",
        "--diagnostics-file",
        report.name,
    ]
    subprocess.run([_beside(command[0]), *command[1:], *(file.name for file in files)], cwd=folder, check=False)
    found: dict[str, list[Place | None]] = {file.name: [] for file in files}
    for each in json.loads(report.read_text("utf-8")):
        start = each["range"]["start"]
        found[Path(each["path"]).name].append(Place(start["line"], start["column"]))
    return list(found.values())


def check_jsonschema(files: Sequence[Path]) -> list[list[Place | None]]:
    command = [_beside("check-jsonschema"), "--schemafile", str(schema_path()), "-o", "json"]
    done = subprocess.run(
        [*command, *(file.name for file in files)], cwd=files[0].parent, capture_output=True, check=False
    )
    report: dict[str, Any] = json.loads(done.stdout)
    found: dict[str, list[Place | None]] = {file.name: [] for file in files}
    for each in (*report.get("errors", ()), *report.get("parse_errors", ())):
        # It names the path within the document, and no line.
        found[Path(each["filename"]).name].append(None)
    return list(found.values())


def _beside(command: str) -> str:
    return str(Path(sys.executable).with_name(command))


def rows() -> list[tuple[Mistake, tuple[str, ...]]]:
    """Each mistake, and what each of the checkers makes of it."""
    mistakes = read_mistakes()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"m{number:02}.toml") for number in range(len(mistakes))]
        for file, mistake in zip(files, mistakes, strict=True):
            file.write_text(mistake.text, "utf-8")
        found = [check(files) for check in (ours, tombi, check_jsonschema)]
    return [(mistake, tuple(mistake.judge(each[number]) for each in found)) for number, mistake in enumerate(mistakes)]


def main() -> None:
    table = rows()
    print(f"{'':<8} {'mistake':<50} " + " ".join(f"{name:<16}" for name in CHECKERS))
    for mistake, verdicts in table:
        print(f"{mistake.group:<8} {mistake.name:<50} " + " ".join(f"{verdict:<16}" for verdict in verdicts).rstrip())
    print()
    for group in [*dict.fromkeys(mistake.group for mistake, _ in table), "all"]:
        of_group = [verdicts for mistake, verdicts in table if group in (mistake.group, "all")]
        counts = [sum(verdicts[number] == "1 exact" for verdicts in of_group) for number in range(len(CHECKERS))]
        summed = " ".join(f"{f'{count} of {len(of_group)}':<16}" for count in counts)
        print(f"{group:<8} {'one finding, exact':<50} {summed}".rstrip())


if __name__ == "__main__":
    main()
