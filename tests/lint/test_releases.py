"""A release that compares must be about one metric."""

from pathlib import Path

import pytest
from policy.marked import findings, the_finding

TRIGGER = "[[degradation.triggers]]\nname = 't'\nlevel = 'minimal'\n"
TWO = "when.any = [{ metric = 'errors', window = '1m', above = 5 }, { metric = 'errors', window = '2m', above = 5 }]\n"


def test_a_limit_of_nobody_knows_what_is_found(tmp_path: Path) -> None:
    finding = the_finding(f"{TRIGGER}{TWO}«release» = {{ below = 1 }}\n", tmp_path)
    assert (finding.code, finding.help) == ("PE122", "write release.when = { metric = ..., ... } to say which one")


ONE_TWICE = (
    "when.all = [{ metric = 'errors', window = '1m', category = 'UNKNOWN', above = 5 }, "
    "{ not = { metric = 'errors', window = '1m', category = ['UNKNOWN'], above = 50 } }]\n"
)


@pytest.mark.parametrize(
    "rest",
    [
        TWO + "release = { for = '1m' }\n",
        TWO + "release.when = { metric = 'errors', window = '1m', below = 1 }\n",
        "when = { metric = 'errors', window = '1m', above = 5 }\nrelease = { below = 1 }\n",
        ONE_TWICE + "release = { below = 1 }\n",
    ],
)
def test_a_release_that_says_of_what_is_taken(rest: str, tmp_path: Path) -> None:
    assert findings(TRIGGER + rest, tmp_path) == ()
