"""What a running engine has counted of its calls is exact at the moment at which it is asked."""

from threading import Thread

import pytest

from policy_engine.metrics.rollup import Window
from policy_engine.observe import LiveCounts

NOON = 1_700_000_040.0
ALWAYS = Window(0.0, 2 * NOON)


def live_counts():
    return LiveCounts(kinds=10, entries=100, labels=10)


def finish(counts, number, *, call="api", time=NOON, failed=False, slow=False):
    for _ in range(number):
        counts.call_finished(call, time, 0.5, failed=failed, slow=slow)


@pytest.mark.parametrize("number", [1, 63, 64, 65, 200])
def test_every_call_that_has_ended_is_counted_when_asked_however_few_came_since(number):
    counts = live_counts()
    finish(counts, number, failed=True)
    finish(counts, 1, slow=True)
    counts.call_refused("api", NOON)
    told = counts.calls(ALWAYS)["api"]
    assert (told.calls, told.failed, told.slow, told.refused) == (number + 1, number, 1, 1)
    finish(counts, 1)
    assert counts.calls(ALWAYS)["api"].calls == number + 2


def test_calls_that_wait_to_be_counted_keep_their_own_minute_and_name():
    counts = live_counts()
    finish(counts, 10, time=NOON - 60)
    finish(counts, 20, call="other")
    finish(counts, 5)
    assert counts.aligned(Window(NOON, NOON + 1)) == Window(NOON, NOON + 60)
    told = counts.calls(Window(NOON, NOON + 60))
    assert {name: each.calls for name, each in told.items()} == {"api": 5, "other": 20}


def test_calls_of_many_threads_are_each_counted_once_while_others_ask():
    counts = live_counts()
    threads = [Thread(target=finish, args=(counts, 5_000)) for _ in range(8)]
    for thread in threads:
        thread.start()
    asked = [counts.calls(ALWAYS) for _ in range(50)]
    for thread in threads:
        thread.join()
    told = [each["api"].calls for each in asked if "api" in each]
    assert told == sorted(told)
    assert counts.calls(ALWAYS)["api"].calls == 40_000
