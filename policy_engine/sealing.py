"""The two ends of an error's way through the engine: scrubbed as it enters, sealed as an `ErrorInfo` as it leaves.

Knows no mechanism; decides nothing.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import field, fields, make_dataclass, replace
from functools import lru_cache
from typing import Protocol

from policy_engine.model import Cause, ErrorInfo, Occurrence, RecoveryStatus, Severity, frozen, short_name

_NOT_WRITTEN = ("builtins", "__main__")
"""Modules that a class's name goes without: see `short_name`."""

_Draft = make_dataclass("_Draft", [(each.name, object, field()) for each in fields(ErrorInfo)], slots=True)
"""An `ErrorInfo` that is not frozen yet: to fill in a frozen one takes four times as long, on every error."""


class Scrubs(Protocol):
    """What takes secrets out of texts and data."""

    def text(self, text: str) -> str:
        """Return the text without secrets, cut to its bound."""

    def name(self, name: str) -> str:
        """Return the name of a module or function likewise."""

    def mapping(self, mapping: Mapping[str, object]) -> dict[str, object]:
        """Return plain JSON-ready data without secrets, cut to its bounds."""


def scrub(occurrence: Occurrence, scrubber: Scrubs) -> None:
    """Take secrets out of everything that an error brings; from here on nobody sees the original."""
    occurrence.message = scrubber.text(occurrence.message)
    occurrence.module = scrubber.name(occurrence.module)
    occurrence.function = scrubber.name(occurrence.function)
    if occurrence.context:
        occurrence.context = scrubber.mapping(occurrence.context)
    if occurrence.attributes:
        occurrence.attributes = scrubber.mapping(occurrence.attributes)
    if occurrence.causes:
        occurrence.causes = tuple(_scrubbed(cause, scrubber) for cause in occurrence.causes)
    if occurrence.variables:
        occurrence.variables = tuple(scrubber.mapping(each) for each in occurrence.variables)
    occurrence.scrubbed = True


def seal(
    occurrence: Occurrence,
    *,
    level: str,
    recovery_status: RecoveryStatus | None,
    recovery_id: str | None,
    handling_seconds: float,
) -> ErrorInfo:
    """Return the frozen `ErrorInfo` of an error that passed all mechanisms."""
    module, name = _split_type(occurrence.type, occurrence.type_module)
    info: ErrorInfo = _Draft(
        occurrence.id,
        occurrence.time,
        name,
        module,
        occurrence.mro,
        occurrence.message,
        frozen(occurrence.attributes),
        occurrence.causes,
        occurrence.stack,
        occurrence.module,
        occurrence.function,
        frozen(occurrence.context),
        occurrence.fingerprint,
        occurrence.category,
        occurrence.severity,
        occurrence.retryable,
        occurrence.tags,
        occurrence.rule,
        level,
        recovery_status,
        recovery_id,
        handling_seconds,
        occurrence.adjusted_by,
        occurrence.call,
        occurrence.call_seconds,
        occurrence.retries,
        tuple(map(frozen, occurrence.variables)),
    )
    info.__class__ = ErrorInfo
    return info


class Ended(Protocol):
    """A recovery, as far as its error is concerned."""

    @property
    def status(self) -> RecoveryStatus:
        """How it stands."""


def as_recovered(info: ErrorInfo, recovery: Ended | None) -> ErrorInfo:
    """Return the error with the status that its recovery has now."""
    return info if recovery is None else replace(info, recovery_status=recovery.status)


def bare_info(exception: BaseException, time: float) -> ErrorInfo:
    """What can be said of an exception when handling it failed: its type, and that nothing more is known."""
    try:
        module, name = type(exception).__module__, type(exception).__qualname__
        described = Occurrence(short_name(f"{module}.{name}"), (name,), "", time, type_module=f"{module}")
    except Exception:  # noqa: BLE001  a class may answer even this with an error
        described = Occurrence("an exception without a name", (), "", time)
    described.severity = Severity.HIGH
    return seal(described, level="", recovery_status=None, recovery_id=None, handling_seconds=0.0)


@lru_cache(maxsize=1024)
def _split_type(name: str, module: str) -> tuple[str, str]:
    """Return a type's module and qualified name; without a recorded ``module``, the name is split where custom has it.

    A module's parts are lower case, a class's are not: ``"a.b.Outer.Inner"`` is ``Outer.Inner`` of ``a.b``. One that
    a function made is named after the function: ``"a.b.load.<locals>.Inner"``.
    """
    if module in _NOT_WRITTEN:
        return module, name
    if module:
        return module, name[len(module) + 1 :]
    if not name or hasattr(builtins, name):
        return "builtins", name
    parts = name.split(".")
    capitals = next((at for at, part in enumerate(parts) if at and part[:1].isupper()), len(parts) - 1)
    end = min(capitals, parts.index("<locals>") - 1) if "<locals>" in parts else capitals
    if end < 1:
        return "__main__", name
    module = ".".join(parts[:end])
    return module, name[len(module) + 1 :]


def _scrubbed(cause: Cause, scrubber: Scrubs) -> Cause:
    attributes = scrubber.mapping(cause.attributes) if cause.attributes else cause.attributes
    return cause._replace(message=scrubber.text(cause.message), attributes=attributes)
