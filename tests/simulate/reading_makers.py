"""Small makers for tests that read logs and recorded errors."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from policy_engine.simulate.reading import Counts, Found, Reader

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def read(text: str | bytes, **options: Any) -> tuple[list[Found], Counts]:
    """The errors in a text, and what its lines were."""
    data = text.encode() if isinstance(text, str) else text
    reader = Reader(io.BufferedReader(io.BytesIO(data)), **options)  # type: ignore[arg-type]
    found = list(reader.errors())
    counts = reader.counts
    assert counts.lines == counts.error_lines + counts.other + counts.unparsed
    assert counts.errors == len(found)
    return found, counts


def errors_in(text: str | bytes, **options: Any) -> list[tuple[str, str]]:
    """The types and messages of the errors in a text."""
    return [(each.occurrence.type, each.occurrence.message) for each in read(text, **options)[0]]


def the_error(text: str | bytes, **options: Any) -> Found:
    """The one error in a text."""
    found, _ = read(text, **options)
    assert len(found) == 1, [(each.line, each.occurrence.type, each.occurrence.message) for each in found]
    return found[0]


def shared_data(*parts: str) -> Path:
    """A file or folder of the data that is read in place; the test is skipped where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if os.environ.get("POLICY_ENGINE_REQUIRE_DATA") == "1":
            raise AssertionError(f"the shared data is absent: {'/'.join(parts)}")
        pytest.skip(f"the shared data is absent: {'/'.join(parts)}")
    return path


TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop/cart.py", line 12, in add
    item = stock[name]
           ~~~~~^^^^^^
KeyError: 'apple'
"""
