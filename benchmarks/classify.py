"""What classifying a message costs with 10, 1,000 and 10,000 rules, beside rule-engine and a loop over ``re``.

The rules are of a fixed mix: 60 % by type, 25 % by type and words, 15 % by words or a pattern alone. Every message is
another one, because one message repeated flatters automata that are built lazily; one in ten matches a rule.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

from benchmarks.rounds import alternate
from policy_engine.classify import ErrorClassifier, compile_categories, compile_rules
from policy_engine.model import Occurrence

MESSAGES = 4000
ROUNDS, CALLS = 9, 400
SYLLABLES = ("con", "ne", "tion", "re", "fu", "sed", "time", "out", "lock", "ed", "da", "ta", "base", "pro", "to")


def main() -> None:
    source = random.Random(7)
    for rules in (10, 1000, 10_000):
        ours = _ours(_rules(rules, source), cycle(_errors(rules, source)))
        seconds = alternate({"ours": ours}, rounds=ROUNDS, calls=CALLS)["ours"]
        print(f"  policy_engine, {rules:,} rules: {seconds * 1e6:.2f} us")
    table = _rules(1000, random.Random(7))
    errors = cycle(_errors(1000, random.Random(8)))
    candidates: dict[str, Callable[[], object]] = {
        "policy_engine": _ours(table, errors),
        "a loop over re": _loop_over_re(table, errors),
        **_rule_engine(table, errors),
    }
    print("  1,000 rules, alternating:")
    times = alternate(candidates, rounds=3, calls=60)
    for name, value in times.items():
        print(f"    {name:<16} {value * 1e6:10.1f} us   {value / times['policy_engine']:8.1f} x")


def _word(source: random.Random) -> str:
    return "".join(source.choices(SYLLABLES, k=3)) + str(source.randrange(10_000))


def _rules(count: int, source: random.Random) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for number in range(count):
        match: dict[str, Any] = {}
        share = number % 20
        if share < 17:
            match["exception"] = f"package{number % 400}.errors.Error{number}"
        if 12 <= share < 19:
            match["message"] = {"contains": [f"{_word(source)} {_word(source)}"]}
        if share == 19:
            match["message"] = {"regex": f"{_word(source)} (failed|refused) after [0-9]+ ms"}
        rules.append({"name": f"rule-{number}", "match": match, "category": "ANY"})
    return rules


def _errors(count: int, source: random.Random) -> list[Occurrence]:
    errors = []
    for number in range(MESSAGES):
        words = " ".join(_word(source) for _ in range(14))
        kind = f"package{number % 400}.errors.Error{source.randrange(count) if number % 10 == 0 else 'Other'}"
        mro = (kind, "ValueError", "Exception", "BaseException")
        errors.append(Occurrence(kind, mro, f"{words} after {number} ms"))
    return errors


def _fresh(error: Occurrence) -> Occurrence:
    # The message in lower case is remembered on the occurrence; here every call is the first.
    error.folded = ""
    return error


def _ours(rules: Sequence[dict[str, Any]], errors: Iterator[Occurrence]) -> Callable[[], object]:
    classifier = ErrorClassifier(compile_rules(rules), compile_categories({"ANY": {}}))
    return lambda: classifier.classify(_fresh(next(errors)))


def _loop_over_re(rules: Sequence[dict[str, Any]], errors: Iterator[Occurrence]) -> Callable[[], object]:
    compiled = []
    for rule in rules:
        message = rule["match"].get("message", {})
        pattern = message.get("regex") or (re.escape(message["contains"][0]) if message else None)
        compiled.append((rule["match"].get("exception"), re.compile(pattern, re.IGNORECASE) if pattern else None))

    def classify() -> int | None:
        error = next(errors)
        for position, (name, pattern) in enumerate(compiled):
            if (name is None or name in error.mro) and (pattern is None or pattern.search(error.message)):
                return position
        return None

    return classify


def _rule_engine(rules: Sequence[dict[str, Any]], errors: Iterator[Occurrence]) -> dict[str, Callable[[], object]]:
    import rule_engine

    compiled = []
    for rule in rules:
        message = rule["match"].get("message", {})
        parts = []
        if "exception" in rule["match"]:
            parts.append(f'"{rule["match"]["exception"]}" in mro')
        if message:
            pattern = message.get("regex") or re.escape(message["contains"][0]).replace("\\ ", " ")
            parts.append(f'message =~~ "{pattern}"')
        compiled.append(rule_engine.Rule(" and ".join(parts)))

    def classify() -> int | None:
        error = next(errors)
        thing = {"mro": list(error.mro), "message": error.message}
        return next((position for position, rule in enumerate(compiled) if rule.matches(thing)), None)

    return {"rule-engine": classify}


if __name__ == "__main__":
    main()
