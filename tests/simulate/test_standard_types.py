"""What the interpreter knows of an exception's name, without running anything."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.simulate.formats.standard_types import mro_of


@pytest.mark.parametrize(
    ("name", "mro"),
    [
        ("KeyError", ("KeyError", "LookupError", "Exception", "BaseException")),
        ("json.decoder.JSONDecodeError", ("json.decoder.JSONDecodeError", "ValueError", "Exception", "BaseException")),
        ("exceptions.KeyError", ("exceptions.KeyError", "KeyError", "LookupError", "Exception", "BaseException")),
        ("IOError", ("IOError", "OSError", "Exception", "BaseException")),
        ("socket.timeout", ("socket.timeout", "TimeoutError", "OSError", "Exception", "BaseException")),
        ("subprocess.CalledProcessError", None),
        ("asyncio.exceptions.CancelledError", ("asyncio.exceptions.CancelledError", "BaseException")),
    ],
)
def test_a_standard_type_has_its_mro(name, mro):
    found = mro_of(name)
    assert found[0] == name
    assert found[-1] == "BaseException"
    assert mro is None or found == mro


@pytest.mark.parametrize(
    "name", ["shop.CartError", "json.JSONDecoder", "os.path", "str", "json", "json.nothing", "print", "x", "a..b", "."]
)
def test_other_names_stand_alone(name):
    assert mro_of(name) == (name,)


@pytest.mark.parametrize("name", ["antigravity.Error", "this.Error", "idlelib.idle.Error", "unittest.__main__.Error"])
def test_nothing_is_imported_that_would_do_something(name):
    assert mro_of(name) == (name,)
    assert name.rpartition(".")[0] not in sys.modules


@given(st.text(max_size=30) | st.from_regex(r"[a-z]{1,6}(\.[a-zA-Z_]{1,6}){0,3}", fullmatch=True))
def test_no_name_is_fatal(name):
    assert mro_of(name)[:1] in ((name,), ())
