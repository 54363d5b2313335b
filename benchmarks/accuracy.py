"""How often the shipped policies are right about labelled errors, and how often about libraries they never name.

Run as ``python -m benchmarks.accuracy [FILE]``. The accuracy that counts is that of ``policy-engine replay --each``,
which reads tracebacks and scrubs secrets first. Beside it stands that of the rules alone, and two that tell what a
library unknown to the rules can expect: with the names of the error's own library taken out of every rule, and with
the names of all these libraries taken out at once. The standard library's names stay: it is always there. A category
is right when it is the label or one of ``also``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from policy_engine.classify import Classification, ErrorClassifier, compile_categories, compile_rules
from policy_engine.model import Cause, Occurrence, Severity, short_name
from policy_engine.simulate.formats.standard_types import mro_of

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
DEV = ROOT.parent / "shared" / "data" / "exceptions" / "dev.jsonl"
OWN = ROOT / "tests" / "policies" / "labelled.jsonl"
"""Errors of other libraries, raised and labelled for this project by the guide in docs/categories.md."""

PACKAGES = {
    "aio-pika": ("aio_pika", "aiormq"),
    "attrs": ("attr", "attrs"),
    "boto3": ("boto3", "botocore"),
    "celery": ("celery", "billiard", "kombu"),
    "protobuf": ("google.protobuf",),
    "pillow": ("PIL",),
    "pydantic": ("pydantic", "pydantic_core"),
}
"""Where a library's packages are not called like the library."""

Table = Mapping[str, Any]
NEVER: Table = {"any": []}
NO_NAME = "\x00"
"""Stands in a pattern for a library's name: no class is called so."""


class Score(NamedTuple):
    """Shares of right answers, from 0 to 1."""

    category: float
    severity: float
    retryable: float


class Row(NamedTuple):
    """One labelled error and what the rules say."""

    record: Mapping[str, Any]
    answer: Classification

    @property
    def category_right(self) -> bool:
        return self.answer.category in (self.record["category"], *self.record.get("also", ()))


def load_rules(folder: Path = POLICIES) -> tuple[dict[str, Table], list[Table]]:
    """Categories and rules of a folder of policies, in file order."""
    categories: dict[str, Table] = {}
    rules: list[Table] = []
    for path in sorted(folder.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        categories |= document.get("categories", {})
        rules += document.get("rules", [])
    return categories, rules


def read_records(path: Path) -> list[Mapping[str, Any]]:
    """The labelled errors of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def occurrence_of(record: Mapping[str, Any]) -> Occurrence:
    """A record as the engine sees it: members of groups are causes, causes get the interpreter's own MRO."""
    attributes = dict(record["attrs"])
    members = attributes.pop("members", ())
    causes = [_cause(each, "cause") for each in record["cause"]] + [_cause(each, "member") for each in members]
    mro = tuple(short_name(name) for name in record["mro"])
    return Occurrence(short_name(record["type"]), mro, record["message"], attributes=attributes, causes=tuple(causes))


def _cause(described: Mapping[str, Any], relation: str) -> Cause:
    name = described["type"]
    return Cause(short_name(name), mro_of(short_name(name)), described["message"], {}, relation)


def packages_of(library: str) -> tuple[str, ...]:
    """The packages whose classes belong to a library; none for the standard library."""
    packages = PACKAGES.get(library, (library.replace("-", "_"),))
    return tuple(package for package in packages if package.partition(".")[0] not in sys.stdlib_module_names)


def without_names(table: Table, packages: Sequence[str]) -> Table:
    """A match table without the names of ``packages``; what then names nothing can never hold."""
    kept: dict[str, Any] = {}
    for key, spec in table.items():
        if key in ("any", "all"):
            kept[key] = [without_names(each, packages) for each in spec]
        elif key in ("not", "cause"):
            kept[key] = without_names(spec, packages)
        elif key in ("exception", "exception_name"):
            kept[key] = _without_words(spec if isinstance(spec, Mapping) else {"equals": spec}, packages)
            if kept[key] is None:
                return NEVER
            if key == "exception":
                kept[key] = kept[key]["equals"]
        else:
            kept[key] = spec
    return kept


def _without_words(table: Table, packages: Sequence[str]) -> dict[str, Any] | None:
    kept: dict[str, Any] = {}
    for key, value in table.items():
        listed = value if isinstance(value, list) else [value]
        if key == "regex":
            kept[key] = [_without_package(pattern, packages) for pattern in listed]
            continue
        kept[key] = [word for word in listed if not _names_a_package(word, packages)]
        if not kept[key]:
            return None
    return kept


def _names_a_package(word: str, packages: Sequence[str]) -> bool:
    """Whether a name or a part of one names a package, as whole words."""
    return any(_without_package(word, [package]) != word for package in packages)


def _without_package(text: str, packages: Sequence[str]) -> str:
    for package in packages:
        text = re.sub(rf"(?i)(?<![a-z]){re.escape(package)}(?![a-z])", NO_NAME, text)
    return text


def classifier_of(categories: Mapping[str, Any], rules: Sequence[Table]) -> ErrorClassifier:
    """Compile rules as they come from TOML."""
    return ErrorClassifier(compile_rules(rules), compile_categories(categories))


def judge(classifier: ErrorClassifier, records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """What the rules say about each record."""
    return [Row(record, classifier.classify(occurrence_of(record))) for record in records]


def replay(path: Path, records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """What ``policy-engine replay --each`` says about each record of a file, with the shipped policies."""
    with TemporaryDirectory() as folder:
        each = Path(folder) / "each.jsonl"
        command = [sys.executable, "-m", "policy_engine", "replay", "--each", str(each), str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        decisions = {found["id"]: found for found in read_records(each)}
    return [Row(record, _decided(decisions[record["id"]])) for record in records]


def _decided(found: Mapping[str, Any]) -> Classification:
    return Classification(
        found["category"], Severity(found["severity"]), found["retryable"], tuple(found["tags"]), found["rule"]
    )


def score(rows: Sequence[Row]) -> Score:
    """Shares of right answers."""
    return Score(
        sum(row.category_right for row in rows) / len(rows),
        sum(row.answer.severity == row.record["severity"] for row in rows) / len(rows),
        sum(row.answer.retryable == row.record["retryable"] for row in rows) / len(rows),
    )


def leave_libraries_out(
    categories: Mapping[str, Any], rules: Sequence[Table], records: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """Each library's records judged by rules that never name its packages."""
    rows = []
    for library in sorted({record["library"] for record in records}):
        own = [record for record in records if record["library"] == library]
        reduced = [{**rule, "match": without_names(rule["match"], packages_of(library))} for rule in rules]
        rows += judge(classifier_of(categories, reduced), own)
    return rows


def without_libraries(rules: Sequence[Table], records: Sequence[Mapping[str, Any]]) -> list[Table]:
    """The rules without the names of any library of the records."""
    packages = [package for library in {record["library"] for record in records} for package in packages_of(library)]
    return [{**rule, "match": without_names(rule["match"], packages)} for rule in rules]


def _lines(title: str, rows: Sequence[Row]) -> Iterator[str]:
    shares = score(rows)
    yield f"{title:<34} {shares.category:>8.1%} {shares.severity:>8.1%} {shares.retryable:>9.1%}"


def _wrong(rows: Sequence[Row]) -> Iterator[str]:
    for record, answer in rows:
        wanted = (record["category"], record["severity"], record["retryable"])
        got = (answer.category, str(answer.severity), answer.retryable)
        also = record.get("also", [])
        if got != wanted and (got[0] not in also or got[1:] != wanted[1:]):
            yield f"{record['id']} {record['library']}: {record['raised_by']}"
            yield f"    {record['type']}: {record['message'][:110]!r}"
            yield f"    wanted {wanted} {also}, got {got} by {answer.rule}"


def main(given: Sequence[str] = ()) -> None:
    """Print the table, the confusions, and with ``--wrong`` every error that is not right in all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=DEV if DEV.exists() else OWN)
    parser.add_argument(
        "--wrong", choices=["replay", "rules", "left-out", "unnamed"], help="list what is not right in all three"
    )
    arguments = parser.parse_args(given)
    records = read_records(arguments.file)
    categories, rules = load_rules()
    classifier = classifier_of(categories, rules)
    judged = {
        "replay": replay(arguments.file, records),
        "rules": judge(classifier, records),
        "left-out": leave_libraries_out(categories, rules, records),
        "unnamed": judge(classifier_of(categories, without_libraries(rules, records)), records),
    }
    print(f"{len(rules)} rules, {len(records)} errors {'':<10} {'category':>8} {'severity':>8} {'retryable':>9}")
    titles = {
        "replay": "replay --each",
        "rules": "the rules alone",
        "left-out": "own library's names left out",
        "unnamed": "no library named at all",
    }
    for key, title in titles.items():
        print(*_lines(title, judged[key]), sep="\n")
    confusions = Counter(
        (row.record["category"], row.answer.category) for row in judged["replay"] if not row.category_right
    )
    for (wanted, got), times in confusions.most_common():
        print(f"  {wanted} taken for {got}: {times}")
    unanchored = [rule.name for rule in classifier.rules if any(way.anchors is None for way in rule.matcher.ways)]
    used = {row.answer.rule for row in judged["rules"]}
    print(f"tried on every error: {len(unanchored)} {unanchored}")
    print(f"decided none of these errors: {[rule.name for rule in classifier.rules if rule.name not in used]}")
    print(f"microseconds a classification: {_cost(classifier, records):.1f}")
    if arguments.wrong:
        print(*_wrong(judged[arguments.wrong]), sep="\n")


def _cost(classifier: ErrorClassifier, records: Sequence[Mapping[str, Any]], rounds: int = 20) -> float:
    occurrences = [occurrence_of(record) for record in records]
    best = float("inf")
    for _ in range(rounds):
        for occurrence in occurrences:
            occurrence.folded = ""
        start = perf_counter()
        for occurrence in occurrences:
            classifier.classify(occurrence)
        best = min(best, perf_counter() - start)
    return best / len(occurrences) * 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
