"""How often the shipped policies are right about labelled errors, and how often about libraries they never name.

Run as ``python -m benchmarks.accuracy [FILE]``. Beside the plain accuracy it prints two that tell what a library
unknown to the rules can expect: with every rule that names a package of the error's library left out in turn, and
with no rule that names any library at all. A category is right when it is the label or one of ``also``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from policy_engine.classify import Classification, ErrorClassifier, compile_categories, compile_rules
from policy_engine.model import Cause, Occurrence, short_name

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
DEV = ROOT.parent / "shared" / "data" / "exceptions" / "dev.jsonl"

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
    return Cause(short_name(name), _known_mro(name), described["message"], {}, relation)


def _known_mro(name: str) -> tuple[str, ...]:
    """The MRO of a type of the standard library, the bare name of any other."""
    module_name, _, class_name = name.rpartition(".")
    if module_name.partition(".")[0] in sys.stdlib_module_names or module_name == "builtins":
        __import__(module_name)
        kind = getattr(sys.modules[module_name], class_name, None)
        if isinstance(kind, type):
            return tuple(short_name(f"{k.__module__}.{k.__qualname__}") for k in kind.__mro__ if k is not object)
    return (short_name(name),)


def packages_of(library: str) -> tuple[str, ...]:
    """The packages whose classes belong to a library."""
    return PACKAGES.get(library, (library.replace("-", "_"),))


def without_names(table: Table, packages: Sequence[str] | None) -> Table:
    """A match table without the names of ``packages``; ``None`` means of all but the standard library's."""
    kept: dict[str, Any] = {}
    for key, spec in table.items():
        if key in ("any", "all"):
            kept[key] = [without_names(each, packages) for each in spec]
        elif key in ("not", "cause"):
            kept[key] = without_names(spec, packages)
        elif key == "exception":
            kept[key] = [name for name in _listed(spec) if not _names_library(name, packages)]
            if not kept[key]:
                return NEVER
        elif key == "exception_name":
            words = _without_words(spec, packages)
            if words is None:
                return NEVER
            kept[key] = words
        else:
            kept[key] = spec
    # A cause table without its name would match any cause.
    return kept


def _without_words(spec: Any, packages: Sequence[str] | None) -> Table | None:
    table = spec if isinstance(spec, Mapping) else {"equals": spec}
    kept: dict[str, Any] = {}
    for key, value in table.items():
        if key == "regex":
            kept[key] = value
            continue
        kept[key] = [word for word in _listed(value) if not _word_names_library(word, packages)]
        if not kept[key]:
            return None
    return kept


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names_library(name: str, packages: Sequence[str] | None) -> bool:
    if packages is None:
        return "." in name and name.partition(".")[0].lstrip("_") not in sys.stdlib_module_names
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _word_names_library(word: str, packages: Sequence[str] | None) -> bool:
    """Whether a word is a package's name, or a part of a name that starts with one."""
    bare = word.strip(".").lower()
    if packages is None:
        return bare.partition(".")[0] in KNOWN_LIBRARIES
    return any(bare.partition(".")[0] == package.lower() or package.lower() in bare for package in packages)


KNOWN_LIBRARIES: frozenset[str] = frozenset()


def classifier_of(categories: Mapping[str, Any], rules: Sequence[Table]) -> ErrorClassifier:
    """Compile rules as they come from TOML."""
    return ErrorClassifier(compile_rules(rules), compile_categories(categories))


def judge(classifier: ErrorClassifier, records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """What the rules say about each record."""
    return [Row(record, classifier.classify(occurrence_of(record))) for record in records]


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


def without_libraries(rules: Sequence[Table]) -> list[Table]:
    """The rules without any name of a package outside the standard library."""
    return [{**rule, "match": without_names(rule["match"], None)} for rule in rules]


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


def main() -> None:
    """Print the table, the confusions, and with ``--wrong`` every error that is not right in all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=DEV)
    parser.add_argument("--wrong", choices=["all", "left-out", "unnamed"], help="list what is not right in all three")
    arguments = parser.parse_args()
    records = read_records(arguments.file)
    categories, rules = load_rules()
    classifier = classifier_of(categories, rules)
    judged = {
        "all": judge(classifier, records),
        "left-out": leave_libraries_out(categories, rules, records),
        "unnamed": judge(classifier_of(categories, without_libraries(rules)), records),
    }
    print(f"{len(rules)} rules, {len(records)} errors {'':<10} {'category':>8} {'severity':>8} {'retryable':>9}")
    titles = {"all": "all rules", "left-out": "own library's names left out", "unnamed": "no library named at all"}
    for key, title in titles.items():
        print(*_lines(title, judged[key]), sep="\n")
    confusions = Counter(
        (row.record["category"], row.answer.category) for row in judged["all"] if not row.category_right
    )
    for (wanted, got), times in confusions.most_common():
        print(f"  {wanted} taken for {got}: {times}")
    unanchored = [rule.name for rule in classifier.rules if rule.matcher.anchors is None]
    used = {row.answer.rule for row in judged["all"]}
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
    main()
