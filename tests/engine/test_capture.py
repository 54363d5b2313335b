"""What is kept of an exception, and what handling one never does."""

from __future__ import annotations

import gc
import json
import traceback
import weakref
from http import HTTPStatus

from makers import an_engine

from policy_engine.capture import CaptureLimits, capture, fingerprint, message_of
from policy_engine.errors import CircuitOpenError
from policy_engine.model import ErrorInfo


def raised(error: BaseException) -> BaseException:
    """The error with a traceback."""
    try:
        raise error
    except BaseException as caught:
        return caught


class Hostile:
    """Its repr must never run."""

    def __repr__(self) -> str:
        raise AssertionError("a foreign repr ran")


def test_type_message_and_mro_are_kept_without_builtins() -> None:
    occurrence = capture(FileNotFoundError(2, "No such file or directory", "a.csv"))
    assert occurrence.type == "FileNotFoundError"
    assert occurrence.mro == ("FileNotFoundError", "OSError", "Exception", "BaseException")
    assert occurrence.message == "[Errno 2] No such file or directory: 'a.csv'"
    assert occurrence.attributes == {"errno": 2}


def test_the_stack_is_that_of_the_given_exception_not_of_the_current_one() -> None:
    given = raised(ValueError("given"))
    try:
        raise KeyError("current")
    except KeyError:
        occurrence = capture(given)
    assert [frame.function for frame in occurrence.stack] == ["raised"]
    assert occurrence.stack[0].file == __file__


def test_nothing_captured_keeps_the_exception_or_its_frames_alive() -> None:
    class Local:
        pass

    def fail() -> None:
        held = Local()
        seen.append(weakref.ref(held))
        raise ValueError("x")

    seen: list[weakref.ref[Local]] = []
    try:
        fail()
    except ValueError as error:
        occurrence = capture(error)
    gc.collect()
    assert occurrence.stack
    assert seen[0]() is None


def test_a_foreign_repr_in_the_arguments_is_never_called() -> None:
    assert "Hostile" in message_of(ValueError(Hostile()))
    assert message_of(ValueError("a", [Hostile()])) == "('a', <list>)"
    assert "Hostile" in message_of(KeyError(Hostile()))


def test_an_exception_whose_text_cannot_be_had_is_captured_with_what_a_traceback_prints() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    message = capture(BrokenError()).message
    assert traceback.format_exception_only(BrokenError())[0].endswith(f": {message}\n")


def test_notes_follow_the_message_as_in_a_traceback() -> None:
    error = ValueError("bad row")
    error.add_note("in file a.csv")
    assert message_of(error) == "bad row\nin file a.csv"


def test_lone_surrogates_become_something_that_can_be_stored() -> None:
    assert message_of(ValueError("a\udc80b")).encode() == b"a?b"


def test_causes_are_what_a_traceback_prints_each_once() -> None:
    try:
        try:
            raise ConnectionResetError(104, "reset")
        except OSError as low:
            raise RuntimeError("high") from low
    except RuntimeError as error:
        causes = capture(error).causes
    assert [(cause.type, cause.relation, cause.attributes) for cause in causes] == [
        ("ConnectionResetError", "cause", {"errno": 104})
    ]


def test_a_suppressed_context_is_no_cause_and_an_implicit_one_is() -> None:
    def fail(*, hide: bool) -> BaseException:
        try:
            try:
                raise KeyError("first")
            except KeyError:
                if hide:
                    raise ValueError("second") from None
                raise ValueError("second")  # noqa: B904  the implicit context is the point
        except ValueError as error:
            return error

    assert capture(fail(hide=True)).causes == ()
    assert [cause.relation for cause in capture(fail(hide=False)).causes] == ["context"]


def test_cycles_and_groups_tied_to_their_own_context_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert [cause.type for cause in capture(first).causes] == ["KeyError"]
    group = ExceptionGroup("g", [first, OSError(5, "io")])
    second.__context__ = group
    assert [cause.type for cause in capture(group).causes] == ["ValueError", "KeyError", "OSError"]


def test_causes_and_frames_are_bounded() -> None:
    error = ValueError("0")
    for number in range(100):
        outer = ValueError(str(number))
        outer.__cause__ = error
        error = outer
    assert len(capture(error, limits=CaptureLimits(causes=5)).causes) == 5

    def recurse() -> None:
        recurse()

    try:
        recurse()
    except RecursionError as deep:
        stack = capture(deep, limits=CaptureLimits(frames=10)).stack
    assert len(stack) == 10
    assert stack[0].function == "test_causes_and_frames_are_bounded"


def test_attributes_are_scalars_and_a_response_gives_its_status() -> None:
    class Response:
        status_code = HTTPStatus.BAD_GATEWAY

    class HttpError(Exception):
        def __init__(self) -> None:
            self.response = Response()
            self.code = [1]
            self.reason = "Bad Gateway"

    assert capture(HttpError()).attributes == {"status_code": 502, "reason": "Bad Gateway"}


def test_a_response_that_is_a_dict_gives_its_status_and_code() -> None:
    class ClientError(Exception):
        def __init__(self) -> None:
            self.response = {"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}

    assert capture(ClientError()).attributes == {"status_code": 503, "code": "SlowDown"}


def test_a_property_that_raises_is_no_attribute() -> None:
    class LazyError(Exception):
        @property
        def response(self) -> object:
            raise RuntimeError("not set")

        @property
        def code(self) -> int:
            raise RuntimeError("not set")

    assert capture(LazyError()).attributes == {}


def test_module_and_function_come_from_the_catching_frame_where_nobody_gives_them() -> None:
    occurrence = capture(raised(ValueError("x")))
    assert occurrence.module == __name__
    assert occurrence.function == "raised"
    given = capture(raised(ValueError("x")), module="Client", function="connect")
    assert (given.module, given.function) == ("Client", "connect")


def test_fingerprints_are_of_the_place_not_of_the_numbers_in_the_message() -> None:
    one, other = (capture(raised(ValueError(f"row {number}"))) for number in (1, 2))
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(capture(raised(KeyError("row 1")))) != fingerprint(one)
    unraised = [capture(ValueError(text)) for text in ("row 17 of 'a'", "row 18 of 'b'", "column 3")]
    assert fingerprint(unraised[0]) == fingerprint(unraised[1]) != fingerprint(unraised[2])


def test_one_type_with_other_codes_is_another_kind() -> None:
    refused, reset = (capture(raised(OSError(code, "x"))) for code in (111, 104))
    assert fingerprint(refused) != fingerprint(reset)


def test_a_refusal_is_told_from_an_error() -> None:
    assert capture(CircuitOpenError("api", retry_after=1.0)).refusal
    assert not capture(ValueError()).refusal


def test_a_group_is_named_without_builtins() -> None:
    assert capture(ExceptionGroup("g", [ValueError()])).type == "ExceptionGroup"


def test_local_variables_are_kept_of_the_innermost_frames_alone_scrubbed_and_only_where_a_policy_asks() -> None:
    def inner(order: int, password: str) -> None:
        connection = object()
        raise ValueError(f"no order {order} by {connection is None}")

    def outer() -> None:
        secret_token = "t0p-s3cret-t0ken"
        inner(7, secret_token[:7])

    def handled(policy: str) -> ErrorInfo:
        try:
            outer()
        except ValueError as error:
            return an_engine(policy).handle(error)
        raise AssertionError

    assert handled("schema_version = 1\n").variables == ()
    (variables,) = handled("[privacy]\nlocal_variables = 1\n").variables
    assert variables == {"order": 7, "password": "[scrubbed]", "connection": "<builtins.object>"}
    both = handled("[privacy]\nlocal_variables = 2\n")
    assert [sorted(each) for each in both.variables] == [["inner", "secret_token"], ["connection", "order", "password"]]
    assert "t0p-s3" not in both.to_json()
    assert ErrorInfo.from_dict(json.loads(both.to_json())) == both
