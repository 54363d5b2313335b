"""A live exception and its printed traceback give the same, but for what printing loses."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from simulate.reading_makers import the_error

from policy_engine import Engine, VirtualClock
from policy_engine.capture import capture
from policy_engine.model import Cause, Occurrence


class ShopError(Exception):
    pass


def refused():
    raise ConnectionRefusedError(111, "Connection refused")


def missing_file():
    Path("/no/such/file").read_text()


def chained():
    try:
        missing_file()
    except OSError as error:
        raise ShopError("cannot load the cart") from error


def while_handling():
    try:
        {}["apple"]
    except KeyError:
        int("seven")


def hidden():
    try:
        refused()
    except OSError:
        raise ShopError("hidden") from None


def both_ways():
    try:
        chained()
    except ShopError:
        while_handling()


def recursive():
    recursive()


def grouped():
    found = []
    for each in (refused, chained, while_handling):
        try:
            each()
        except Exception as error:
            found.append(error)
    raise ExceptionGroup("three failed", found)


def nested_groups():
    try:
        grouped()
    except ExceptionGroup as error:
        raise BaseExceptionGroup("outer", [error, KeyboardInterrupt("stop"), ValueError("never raised")]) from None


def group_as_cause():
    try:
        grouped()
    except ExceptionGroup as error:
        raise ShopError("after the group") from error


def noted():
    error = ValueError("row is bad")
    error.add_note("row 7")
    error.add_note("of file a.csv\nsecond sheet")
    raise error


def many_lines():
    raise ShopError("first\nsecond\n    indented\n\nafter a blank line")


def cyclic():
    error = ValueError("cyclic")
    error.__cause__ = KeyError("other")
    error.__cause__.__context__ = error
    raise error


def unprintable():
    class UnprintableShopError(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    raise UnprintableShopError


def of_the_main_module():
    raise type("ShopError", (Exception,), {"__module__": "__main__"})("as a script raises it")


def in_a_thread():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(refused).result()


CORPUS: list[Callable[[], object]] = [
    refused,
    missing_file,
    chained,
    while_handling,
    hidden,
    both_ways,
    recursive,
    grouped,
    nested_groups,
    group_as_cause,
    noted,
    many_lines,
    cyclic,
    in_a_thread,
    unprintable,
    of_the_main_module,
    lambda: {}["apple"],
    lambda: [][3],
    lambda: None.split,  # type: ignore[attr-defined]
    lambda: 1 / 0,
    lambda: undefined_name,  # type: ignore[name-defined]  # noqa: F821
    lambda: compile("x = = 1", "/srv/shop.py", "exec"),
    lambda: compile("if x:\npass", "/srv/shop.py", "exec"),
    lambda: compile("if x:\n\ty\n        z", "/srv/shop.py", "exec"),
    lambda: json.loads("{bad"),
    lambda: b"\xff".decode(),
    lambda: sqlite3.connect(":memory:").execute("select * from nothing"),
    lambda: subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=True),
    lambda: __import__("no_such_module"),
    lambda: int("seven"),
    lambda: next(iter(())),
    lambda: sys.exit("bye"),
    lambda: "a" + 1,  # type: ignore[operator]
    lambda: contextlib.ExitStack().enter_context(None),  # type: ignore[arg-type]
    lambda: (_ for _ in ()).throw(UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range")),
    lambda: (_ for _ in ()).throw(TimeoutError()),
    lambda: (_ for _ in ()).throw(ShopError({"a": 1}, [2])),
    lambda: (_ for _ in ()).throw(ShopError("ends with a colon:")),
    lambda: (_ for _ in ()).throw(ShopError("says Traceback (most recent call last) in between")),
]


def raised(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("it raises nothing")


def as_printed(live: Occurrence) -> Occurrence:
    """What of a live error printing can keep."""
    return replace(
        live,
        message=live.message.rstrip(),
        module="",
        type_module="",
        mro=printed_mro(live.mro),
        attributes=printed_attributes(live.attributes, live.message),
        causes=tuple(
            Cause(
                each.type,
                printed_mro(each.mro),
                each.message.rstrip(),
                printed_attributes(each.attributes, each.message),
                each.relation,
            )
            for each in live.causes
        ),
    )


def printed_mro(mro: tuple[str, ...]) -> tuple[str, ...]:
    """Classes that are not the standard library's are known by name alone."""
    return mro[:1] if mro[0].endswith("ShopError") else mro


def printed_attributes(attributes: object, message: str) -> dict[str, object]:
    """Of attributes, only the errno is printed."""
    assert isinstance(attributes, dict)
    return {"errno": attributes["errno"]} if message.startswith("[Errno") else {}


@pytest.mark.parametrize("function", CORPUS)
def test_a_printed_traceback_says_what_the_live_exception_said(function):
    error = raised(function)
    printed = "".join(traceback.format_exception(error))
    live = capture(error)
    assert the_error(f"ERROR:root:it failed\n{printed}").occurrence == replace(
        as_printed(live), module="root", context={"logger": "root", "log_message": "it failed"}
    )


@pytest.mark.parametrize("function", CORPUS)
def test_live_and_printed_are_classified_alike_and_have_one_fingerprint(function, shipped_engine):
    error = raised(function)
    live = shipped_engine.process(capture(error))
    stream = io.StringIO()
    logger = logging.Logger("shop")  # noqa: LOG001  one that no other test sees
    logger.addHandler(handler := logging.StreamHandler(stream))
    handler.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
    logger.error("it failed", exc_info=error)
    printed = shipped_engine.process(the_error(stream.getvalue()).occurrence)
    names = ["exception_type", "exception_module", "stack", "function", "fingerprint"]
    if not any("ShopError" in name for name in live.mro):  # whose base classes are not printed
        names += ["mro", "category", "rule"]
    assert {name: getattr(printed, name) for name in names} == {name: getattr(live, name) for name in names}


@pytest.fixture(scope="module")
def shipped_engine():
    return Engine(clock=VirtualClock(), dry=True)


NAMES = st.sampled_from([ValueError, KeyError, OSError, RuntimeError, ShopError, TimeoutError])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@st.composite
def exceptions(draw, depth: int = 2):
    """Exceptions with chains and groups behind them."""
    kind = draw(NAMES)
    error: BaseException = kind("e " + draw(TEXTS))
    if depth and draw(st.booleans()):
        members = draw(st.lists(exceptions(depth=depth - 1), min_size=1, max_size=3))
        error = ExceptionGroup("g " + draw(TEXTS), members)
    behind = draw(st.none() | exceptions(depth=depth - 1)) if depth else None
    if behind is not None and draw(st.booleans()):
        error.__cause__ = behind
    elif behind is not None:
        error.__context__ = behind
    if depth == 2 or draw(st.booleans()):
        with contextlib.suppress(BaseException):
            context, error.__context__ = error.__context__, None
            try:
                raise error
            finally:
                error.__context__ = context
    return error


@given(exceptions())
@settings(max_examples=150, deadline=None)
def test_whatever_is_chained_and_grouped_is_read_back(error):
    live = as_printed(capture(error))
    text = "".join(traceback.format_exception(error))
    note(text)
    printed = the_error("ERROR:root:it failed\n" + text)
    assert (printed.occurrence.type, printed.occurrence.message) == (live.type, live.message)
    assert printed.occurrence.stack == live.stack
    assert printed.occurrence.causes == live.causes
