"""Nested values: JSON-ready, in bounds, and no foreign code was run."""

from __future__ import annotations

import collections
import json
import math
import types
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pytest

from policy_engine.privacy import MARKER, compile_privacy

SCRUBBER = compile_privacy({}, {"text_length": 100, "context_items": 5, "context_depth": 3})


def hostile(base: type = object) -> type:
    """A class whose every method fails the test that calls it."""

    def fail(*args: object, **kwargs: object) -> Any:
        raise AssertionError("foreign code was run")

    names = (
        "__repr__", "__str__", "__getattr__", "__getattribute__", "__format__", "__iter__", "__len__", "__getitem__",
        "__contains__", "__bool__", "__eq__", "__int__", "__index__", "__float__", "__bytes__", "__fspath__",
        "keys", "items", "values", "get",
    )  # fmt: skip
    namespace: dict[str, Any] = dict.fromkeys(names, fail)
    namespace["__hash__"] = base.__hash__
    namespace["__class__"] = property(fail)
    return type("Hostile", (base,), namespace)


def test_an_unknown_object_is_shown_by_its_types_name_alone() -> None:
    kind = hostile()
    assert SCRUBBER.value(kind()) == f"<{__name__}.Hostile>"
    assert SCRUBBER.mapping({"object": kind(), "function": len, "type": int}) == {
        "object": f"<{__name__}.Hostile>",
        "function": "<builtins.builtin_function_or_method>",
        "type": "<builtins.type>",
    }


@pytest.mark.parametrize(
    ("base", "content", "shown"),
    [
        (dict, {"password": "hunter2", "n": 1}, {"password": MARKER, "n": 1}),
        (list, ["password=hunter2"], [f"password={MARKER}"]),
        (tuple, ("a", 1, 2), ["a", 1, 2]),
        (set, {1}, [1]),
        (frozenset, {1}, [1]),
        (str, "password=hunter2", f"password={MARKER}"),
        (bytes, b"password=hunter2", f"password={MARKER}"),
        (int, 7, 7),
        (float, 0.5, 0.5),
    ],
)
def test_what_a_subclass_overrides_is_not_called(base: type, content: object, shown: object) -> None:
    value = hostile(base)(content)
    assert SCRUBBER.value(value) == shown
    assert SCRUBBER.mapping({"value": value, "password": value}) == {"value": shown, "password": MARKER}


def test_a_dataclass_is_read_through_its_declared_fields() -> None:
    @dataclass
    class Login:
        user: str
        password: str
        hidden: str = field(repr=False)

        @property
        def computed(self) -> str:
            raise AssertionError

        def __getattr__(self, name: str) -> str:
            raise AssertionError

    login = Login("bob", "hunter2", "abc")
    login.__dict__["undeclared"] = "hunter2"
    assert SCRUBBER.value(login) == {"user": "bob", "password": MARKER, "hidden": MARKER}


def test_a_slotted_dataclass_is_read_too_and_a_field_without_value_is_left_out() -> None:
    @dataclass(slots=True)
    class Login:
        user: str
        token: str = field(init=False)

    assert SCRUBBER.value(Login("bob")) == {"user": "bob"}


def test_an_attrs_class_is_read_through_its_declared_fields() -> None:
    attrs = pytest.importorskip("attrs")
    names = {"user": attrs.field(), "api_key": attrs.field(), "note": attrs.field(repr=False)}
    login_class = attrs.make_class("Login", names)
    assert SCRUBBER.value(login_class("bob", "abc", "x")) == {"user": "bob", "api_key": MARKER, "note": MARKER}


def test_a_pydantic_model_is_read_through_its_declared_fields() -> None:
    pydantic = pytest.importorskip("pydantic")
    note = (str, pydantic.Field(repr=False))
    login_class = pydantic.create_model("Login", user=(str, ...), password=(pydantic.SecretStr, ...), note=note)
    login = login_class(user="bob", password="hunter2", note="x")
    assert SCRUBBER.value(login) == {"user": "bob", "password": MARKER, "note": MARKER}
    assert SCRUBBER.value([login.password]) == ["<pydantic.types.SecretStr>"]


def test_a_class_that_only_looks_like_a_model_is_read_like_one() -> None:
    class Model:
        model_fields = {"user": None, "token": None, 7: None}  # noqa: RUF012 - as pydantic has it

        def __init__(self) -> None:
            self.user, self.token, self.other = "bob", "abc", "hunter2"

    assert SCRUBBER.value(Model()) == {"user": "bob", "token": MARKER}


def test_a_named_tuple_is_shown_with_its_names() -> None:
    class Login(NamedTuple):
        user: str
        password: str

    assert SCRUBBER.value(Login("bob", "hunter2")) == {"user": "bob", "password": MARKER}


def test_enums_are_shown_by_their_values() -> None:
    class Colour(Enum):
        RED = "red"

        def __str__(self) -> str:
            raise AssertionError

    class Level(IntEnum):
        LOW = 1

    class Word(StrEnum):
        HI = "hi"

    assert SCRUBBER.value([Colour.RED, Level.LOW, Word.HI]) == ["red", 1, "hi"]


def test_what_the_standard_library_defines_is_shown_as_text() -> None:
    moments = [datetime(2024, 6, 1, 12, tzinfo=UTC), date(2024, 6, 1), timedelta(seconds=90)]
    assert SCRUBBER.value([*moments, Decimal("1.50")]) == [
        "2024-06-01T12:00:00+00:00",
        "2024-06-01",
        "0:01:30",
        "1.50",
    ]
    assert SCRUBBER.value([uuid.UUID(int=7), PurePosixPath("/tmp/x"), 1j, range(3)]) == [
        "00000000-0000-0000-0000-000000000007",
        "/tmp/x",
        "1j",
        "range(0, 3)",
    ]


def test_a_foreign_time_zone_is_not_asked() -> None:
    class Zone(tzinfo):
        def utcoffset(self, when: datetime | None) -> timedelta:
            raise AssertionError

    assert SCRUBBER.value(datetime(2024, 6, 1, tzinfo=Zone())) == "2024-06-01T00:00:00"


def test_numbers_that_json_cannot_hold_become_text() -> None:
    shown = SCRUBBER.value([math.nan, math.inf, -math.inf, 2**70, 10**5000])
    assert shown == ["nan", "inf", "-inf", str(2**70), "<int of 16610 bits>"]


def test_a_card_number_among_the_integers_is_masked() -> None:
    shown = SCRUBBER.mapping({"card": 4111111111111111, "order": 1700000000000123})
    assert shown == {"card": MARKER, "order": 1700000000000123}


def test_keys_of_any_type_become_text() -> None:
    shown = SCRUBBER.mapping({1: "a", None: "b", b"c": "d", (1, 2): "e", 2.5: "f"})
    assert shown == {"1": "a", "None": "b", "c": "d", "<builtins.tuple>": "e", "2.5": "f"}


def test_keys_that_are_masked_alike_stay_apart() -> None:
    assert SCRUBBER.mapping({"a@example.com": 1, "b@example.com": 2}) == {MARKER: 1, f"{MARKER} (2)": 2}


def test_a_wide_collection_says_how_much_is_missing() -> None:
    assert SCRUBBER.value(list(range(40))) == [0, 1, 2, 3, "... 36 more"]
    assert SCRUBBER.value(dict.fromkeys("abcdefgh", 1)) == {"a": 1, "b": 1, "c": 1, "d": 1, "...": "4 more"}
    assert SCRUBBER.value([0, 1, 2, 3, 4]) == [0, 1, 2, 3, 4]


def test_a_deep_collection_says_how_much_is_missing() -> None:
    assert SCRUBBER.mapping({"a": {"b": {"c": {"d": [1, 2]}}}}) == {"a": {"b": {"c": {"d": "... 2 more"}}}}


def test_width_and_depth_together_stay_in_one_budget() -> None:
    value: object = "leaf"
    for _ in range(4):
        value = [value] * 5
    assert json.dumps(SCRUBBER.value(value)).count(",") < 16 * 5


def test_a_collection_that_holds_itself_ends() -> None:
    value: dict[str, Any] = {"n": 1}
    value["self"] = value
    assert SCRUBBER.mapping(value) == {"n": 1, "self": "... itself"}
    items: list[Any] = []
    items.append([items])
    assert SCRUBBER.value(items) == [["... itself"]]


def test_the_same_value_twice_is_no_cycle() -> None:
    shared = {"n": 1}
    assert SCRUBBER.value([shared, shared]) == [{"n": 1}, {"n": 1}]


def test_other_collections_are_lists_and_mappings_too() -> None:
    assert SCRUBBER.value(collections.deque([1, 2])) == [1, 2]
    assert SCRUBBER.value(collections.OrderedDict(password="hunter2")) == {"password": MARKER}
    assert SCRUBBER.value(types.MappingProxyType({"password": "hunter2"})) == {"password": MARKER}
    assert SCRUBBER.value(types.MappingProxyType(collections.ChainMap({}))) == "<builtins.mappingproxy>"


def test_a_context_that_is_no_mapping_still_gives_one() -> None:
    assert SCRUBBER.mapping(["a"]) == {"value": ["a"]}
    assert SCRUBBER.mapping(None) == {"value": None}
    assert SCRUBBER.mapping({}) == {}


def test_long_bytes_are_cut_and_what_is_no_text_is_replaced() -> None:
    shown = SCRUBBER.value(b"\xff\xfe " + b"word " * 10_000)
    assert isinstance(shown, str)
    assert shown.startswith("\ufffd\ufffd word")
    assert len(shown) <= 100
    assert "more characters" in shown


def test_lists_of_names_are_no_pairs() -> None:
    context = {"missing": ["password", "email"], "unknown": ["token", "name", "x"]}
    assert SCRUBBER.mapping(context) == context


def test_the_given_context_is_not_changed() -> None:
    context = {"password": "hunter2", "n": 1, "nested": {"token": "abc"}}
    SCRUBBER.mapping(context)
    assert context == {"password": "hunter2", "n": 1, "nested": {"token": "abc"}}
