"""An exception as an `Occurrence`: types, message, causes, stack and attributes, without keeping any of it alive.

Knows no policy. No traceback, frame or exception outlives the call. Foreign code runs in two places only, both guarded:
an exception's own ``__str__``, and a property that a rule names. An argument's ``repr`` is never called
(sentry-python#4606: one ran database queries). Walks are bounded by identity and number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from re import compile as own_pattern
from types import FrameType, TracebackType
from typing import Any

from policy_engine.errors import CallRefusedError
from policy_engine.model import Cause, Frame, Occurrence, short_name

ALWAYS_CAPTURED = frozenset(
    {"errno", "code", "status", "status_code", "sqlstate", "pgcode", "reason", "returncode", "reply_code"}
)
"""Attributes kept of every exception that has them; rules may name more."""

RESPONSE_PARTS: Mapping[str, str] = {
    "response.status_code": "status_code",
    "response.status": "status_code",
    "response.ResponseMetadata.HTTPStatusCode": "status_code",
    "response.Error.Code": "code",
}
"""What of a client's response is kept, and the attribute that rules know it by."""

UNPRINTABLE = "<exception str() failed>"
"""What a traceback prints too in place of a text that cannot be had."""

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})
_MAX_CACHED = 4096
_LONGEST_NAME = 300
_VARIABLE_TEXT = own_pattern(r"0[xX][0-9a-fA-F]+|[0-9]+|'[^'\n]*'|\"[^\"\n]*\"")
_TEMPLATE_LENGTH = 300
# For a text in lower case: a search that ignores case takes three times as long.
_CODE = own_pattern(r"(?:errno|http(?: error)?|status(?: code)?|code)[ =:]{1,3}(-?[0-9]{1,5})\b")


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """How much of one exception is kept."""

    frames: int = 64
    causes: int = 16
    attributes: frozenset[str] = ALWAYS_CAPTURED
    message: int = 65_536
    """Characters of a text that is not ASCII: making it valid costs time in its length."""
    variables: int = 0
    """Frames whose local variables are kept, the innermost ones; none unless a policy asks for them."""


@dataclass(frozen=True, slots=True)
class _TypeFacts:
    name: str
    module: str
    names: tuple[str, ...]
    class_attributes: tuple[str, ...]


_facts: dict[tuple[type, frozenset[str]], _TypeFacts] = {}


def capture(
    exception: BaseException,
    *,
    module: str = "",
    function: str = "",
    context: Mapping[str, object] | None = None,
    limits: CaptureLimits = CaptureLimits(),
) -> Occurrence:
    """Return what is known of ``exception``, unscrubbed. Without a ``module``, that of the frame that caught it."""
    facts = _facts_of(type(exception), limits.attributes)
    traceback = exception.__traceback__
    module, function = _label(module), _label(function)
    if traceback is not None and not (module and function):
        frame = traceback.tb_frame
        module = module or str(frame.f_globals.get("__name__", ""))
        function = function or frame.f_code.co_name
    return Occurrence(
        type=facts.name,
        mro=facts.names,
        message=message_of(exception, limits.message),
        attributes=_attributes(exception, facts.class_attributes, limits.attributes),
        causes=_causes(exception, limits),
        stack=_stack(traceback, limits.frames),
        module=module,
        function=function,
        context={} if context is None else context,
        type_module=facts.module,
        refusal=isinstance(exception, CallRefusedError),
        variables=_variables(traceback, limits.variables) if limits.variables else (),
    )


def fingerprint(occurrence: Occurrence) -> str:
    """Return 16 hex digits, equal for errors of one kind from one place.

    The type, the code that its message gives (``errno``, HTTP status), the causes' types, and the file name and
    function of each frame; without a stack, the message with its numbers and quoted texts left out. Attributes have no
    part: a printed traceback has lost them. BLAKE2b (RFC 7693) keeps it stable from one process to the next.
    """
    code = _CODE.search(occurrence.folded or occurrence.message[:_TEMPLATE_LENGTH].lower(), 0, _TEMPLATE_LENGTH)
    parts = (occurrence.type, code[1] if code else "", *[cause.type for cause in occurrence.causes])
    if occurrence.stack:
        return _digest_of_place(parts, occurrence.stack)
    return _digest((*parts, occurrence.module, _VARIABLE_TEXT.sub("#", occurrence.message[:_TEMPLATE_LENGTH])))


def message_of(exception: BaseException, most: int = 65_536) -> str:
    """The exception's text with its notes, as a traceback prints them, and valid UTF-8.

    Of a text that is not ASCII only ``most`` characters are kept.
    """
    text = _text_of(exception)
    notes = getattr(exception, "__notes__", None)
    if type(notes) is list:
        text = "\n".join([text, *(note for note in notes if type(note) is str)])
    # Lone surrogates cannot be stored, sent or matched.
    return text if text.isascii() else text[:most].encode("utf-8", "replace").decode("utf-8")


def _label(name: object) -> str:
    """A caller's ``module`` or ``function`` as text: a class or function is called by its name."""
    if type(name) is str:
        return name if name.isascii() else name.encode("utf-8", "replace").decode("utf-8")
    if name is None:
        return ""
    described = getattr(name, "__qualname__", None)
    return described if type(described) is str else _qualified(type(name))


def _text_of(exception: BaseException) -> str:
    args = exception.args
    if type(exception).__str__ in _TEXT_FROM_ARGS and not all(_prints_safely(arg) for arg in args):
        shown = [repr(arg) if _prints_safely(arg) else f"<{_qualified(type(arg))}>" for arg in args]
        return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"
    try:
        return str(exception)
    except Exception:  # noqa: BLE001  a broken __str__ must not lose the error it belongs to
        return UNPRINTABLE


def _prints_safely(argument: object, depth: int = 3) -> bool:
    """Whether showing ``argument`` calls no code but the interpreter's and that of exceptions."""
    if type(argument) in _PLAIN or isinstance(argument, BaseException):
        return True
    if depth and type(argument) in (tuple, list, set, frozenset) and len(argument) <= 64:  # type: ignore[arg-type]
        return all(_prints_safely(item, depth - 1) for item in argument)  # type: ignore[attr-defined]
    if depth and type(argument) is dict and len(argument) <= 64:
        return all(_prints_safely(item, depth - 1) for pair in argument.items() for item in pair)
    return False


_TEXT_FROM_ARGS: frozenset[Callable[..., str]] = frozenset(
    {BaseException.__str__, OSError.__str__, KeyError.__str__, ImportError.__str__, SystemExit.__str__}
)


def _facts_of(kind: type, names: frozenset[str]) -> _TypeFacts:
    known = _facts.get((kind, names))
    if known is None:
        if len(_facts) >= _MAX_CACHED:
            _facts.clear()
        mro = tuple(_qualified(each) for each in kind.__mro__ if each is not object)
        found = tuple(sorted(name for name in {*names, "response"} if _has_data(kind, name)))
        known = _facts[kind, names] = _TypeFacts(mro[0], kind.__module__, mro, found)
    return known


def _qualified(kind: type) -> str:
    return short_name(f"{kind.__module__}.{kind.__qualname__}"[:_LONGEST_NAME])


def _has_data(kind: type, name: str) -> bool:
    """Whether the class itself holds a value or a descriptor of that name, not a method."""
    for each in kind.__mro__:
        if name in vars(each):
            return not callable(vars(each)[name])
    return False


def _attributes(exception: BaseException, from_class: tuple[str, ...], names: frozenset[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    own = exception.__dict__
    for name in own.keys() & names if own else ():
        _keep(found, name, own[name])
    for name in from_class:
        if name != "response":
            _keep(found, name, _read(exception, name))
    if "status_code" not in found and ("response" in own or "response" in from_class):
        response = _read(exception, "response")
        _keep(found, "status_code", _status_of(response))
        if type(response) is dict:
            _keep(found, "code", _entry(response, "Error", "Code"))
    return found


def _status_of(response: object) -> object:
    """The status of an HTTP client's response, however the client calls it; botocore's is a dict."""
    if type(response) is dict:
        return _entry(response, "ResponseMetadata", "HTTPStatusCode")
    for name in ("status_code", "status"):
        status = _read(response, name)
        if isinstance(status, int):
            return status
    return None


def _entry(table: dict[str, Any], *names: str) -> object:
    value: Any = table
    for name in names:
        value = value.get(name) if type(value) is dict else None
    return value


def _read(owner: object, name: str) -> object:
    try:
        return getattr(owner, name, None)
    except Exception:  # noqa: BLE001  a property of a foreign class; a missing value means "no match"
        return None


def _keep(found: dict[str, object], name: str, value: Any) -> None:
    """Keep a scalar as its plain type; anything else is not comparable and would keep objects alive."""
    if value is None:
        return
    if type(value) in (str, int, float, bool):
        found[name] = value
    elif isinstance(value, int):
        found[name] = int.__int__(value)
    elif isinstance(value, str):
        found[name] = str.__str__(value)


def _causes(exception: BaseException, limits: CaptureLimits) -> tuple[Cause, ...]:
    if exception.__cause__ is None and exception.__context__ is None and not isinstance(exception, BaseExceptionGroup):
        return ()
    return tuple(_described(each, relation, limits) for each, relation in _behind(exception, limits.causes))


def _behind(exception: BaseException, most: int) -> Iterator[tuple[BaseException, str]]:
    """Yield what a traceback would print beside ``exception``, each once: its chain, then a group's members."""
    seen = {id(exception)}
    waiting = [*islice(_next_to(exception), most)][::-1]
    while waiting and most > 0:
        each, relation = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        most -= 1
        yield each, relation
        waiting.extend([*islice(_next_to(each), most)][::-1])


def _next_to(exception: BaseException) -> Iterator[tuple[BaseException, str]]:
    if exception.__cause__ is not None:
        yield exception.__cause__, "cause"
    elif exception.__context__ is not None and not exception.__suppress_context__:
        yield exception.__context__, "context"
    if isinstance(exception, BaseExceptionGroup):
        for member in exception.exceptions:
            yield member, "member"


def _described(exception: BaseException, relation: str, limits: CaptureLimits) -> Cause:
    facts = _facts_of(type(exception), limits.attributes)
    attributes = _attributes(exception, facts.class_attributes, limits.attributes)
    return Cause(facts.name, facts.names, message_of(exception, limits.message), attributes, relation)


def _variables(traceback: TracebackType | None, most: int) -> tuple[Mapping[str, object], ...]:
    """The local variables of the innermost frames, as they are: whoever takes them scrubs them before they are kept.

    Those of a module are its globals, which tell nothing of the error.
    """
    frames: deque[FrameType] = deque(maxlen=most)
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return tuple({} if frame.f_locals is frame.f_globals else dict(frame.f_locals) for frame in frames)


def _stack(traceback: TracebackType | None, most: int) -> tuple[Frame, ...]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(Frame(code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    if len(frames) > most:
        # Both ends tell: who called, and where it broke. The middle of a recursion does not.
        frames[most // 2 : len(frames) - (most - most // 2)] = []
    return tuple(frames)


@lru_cache(maxsize=4096)
def _digest_of_place(parts: tuple[str, ...], stack: tuple[Frame, ...]) -> str:
    """The digest with where a stack ran, without the lines; a program's errors have few different ones."""
    return _digest((*parts, "\n".join([f"{_base_name(frame.file)}:{frame.function}" for frame in stack])))


def _digest(parts: tuple[str, ...]) -> str:
    return blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _base_name(path: str) -> str:
    return path.rpartition("/")[2].rpartition("\\")[2]
