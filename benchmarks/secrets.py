"""How many secrets come through: the matrix of ``tests/privacy``, for this engine and for what others do by default.

Each secret is raised in a message, or handed over as data in the way of each tool. A cell leaks when the secret is
found, plain or escaped, in what the tool would write or send. The Sentry SDK runs a second time without local
variables, which hold the message and the data here, as they do in most programs.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

PLACES = Path(__file__).parents[1] / "tests" / "privacy" / "secret_places.py"

Show = Callable[[str, Any], str]
"""What a tool writes of an error with a message and of data handed over with it."""


class Cell(NamedTuple):
    """One secret in one place."""

    place: str
    forms: list[str]
    message: str
    data: Any


def main() -> None:
    cells = list(_cells(_places()))
    places = len({cell.place for cell in cells})
    print(f"{len(cells):,} cells: {places} places, each with the secrets that can be told there")
    print(f"{'':<44}{'cells that leak':>18}{'places that leak':>19}")
    for name, show in chain([("policy_engine", _ours())], _peers()):  # one by one: the Sentry SDK has one client
        leaking = [cell for cell in cells if _leaks(cell, show)]
        share = f"{len(leaking):,} ({len(leaking) / len(cells):.0%})"
        print(f"{name:<44}{share:>18}{len({cell.place for cell in leaking}):>19,}")


def _leaks(cell: Cell, show: Show) -> bool:
    shown = show(cell.message, cell.data)
    return any(form in shown for form in cell.forms)


def _places() -> ModuleType:
    spec = importlib.util.spec_from_file_location("secret_places", PLACES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def _cells(matrix: ModuleType) -> Iterator[Cell]:
    for table, kinds, in_text in (
        (matrix.NAMED_IN_TEXT, matrix.SECRETS, True),
        (matrix.ALONE_IN_TEXT, matrix.TELLS_ITSELF, True),
        (matrix.NAMED_IN_DATA, matrix.SECRETS, False),
        (matrix.ALONE_IN_DATA, matrix.TELLS_ITSELF, False),
    ):
        for place, put in table.items():
            for kind in kinds:
                secret = matrix.SECRETS[kind]
                value = put(secret)
                where = f"{'text' if in_text else 'data'}: {place}"
                yield Cell(where, matrix.forms(secret), value if in_text else "failed", {} if in_text else value)


def _ours() -> Show:
    from policy_engine import Engine

    engine = Engine()
    out = io.StringIO()
    logging.getLogger("policy_engine").addHandler(logging.StreamHandler(out))

    def show(message: str, data: Any) -> str:
        out.seek(0)
        out.truncate()
        try:
            raise ValueError(message)
        except ValueError as error:
            info = engine.handle(error, context=data if isinstance(data, dict) else {"value": data})
        return f"{info.to_json()}\n{info!r}\n{out.getvalue()}"

    return show


def _peers() -> Iterator[tuple[str, Show]]:
    peers = {
        "the Sentry SDK, defaults": _sentry,
        "the Sentry SDK, without local variables": lambda: _sentry(include_local_variables=False),
        "structlog, defaults": _structlog,
        "structlog, dict tracebacks": lambda: _structlog(dict_tracebacks=True),
        "loguru, defaults": _loguru,
    }
    for name, make in peers.items():
        try:
            yield name, make()
        except ImportError as missing:
            print(f"{name}: {missing}; it comes with the extra bench")


def _sentry(**options: Any) -> Show:
    import sentry_sdk

    sent: list[Any] = []
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=sent.append, default_integrations=False, **options)

    def show(message: str, data: Any) -> str:
        sent.clear()
        with sentry_sdk.new_scope() as scope:
            scope.set_context("order", data if isinstance(data, dict) else {"value": data})
            try:
                raise ValueError(message)
            except ValueError as error:
                sentry_sdk.capture_exception(error)
        return "\n".join(json.dumps(event, default=str, ensure_ascii=False) for event in sent)

    return show


def _structlog(*, dict_tracebacks: bool = False) -> Show:
    import structlog

    out = io.StringIO()
    processors: Any = [structlog.processors.dict_tracebacks, structlog.processors.KeyValueRenderer()]
    log = structlog.wrap_logger(structlog.PrintLogger(out), processors=processors if dict_tracebacks else None)
    return _logged(out, partial(log.exception, "failed"))


def _loguru() -> Show:
    from loguru import logger

    out = io.StringIO()
    logger.remove()
    logger.add(out)
    return _logged(out, partial(logger.exception, "failed: {order}"))


def _logged(out: io.StringIO, log: Callable[..., object]) -> Show:
    """What ``log`` writes to ``out`` of the error that is being handled."""

    def show(message: str, data: Any) -> str:
        out.seek(0)
        out.truncate()
        try:
            raise ValueError(message)
        except ValueError:
            log(order=data)
        return out.getvalue()

    return show
