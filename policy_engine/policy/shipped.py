"""Where the schema and the shipped policies lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent
_WHEEL = _PACKAGE / "_shipped"


def schema_path() -> Path:
    """Return the JSON Schema of policies."""
    return _folder("schema") / "policy.schema.json"


def policies_path() -> Path:
    """Return the folder of the policies that ship with the package."""
    return _folder("policies")


def _folder(name: str) -> Path:
    # A wheel carries copies; a checkout has none, so that what is edited is what is used.
    packed = _WHEEL / name
    return packed if packed.is_dir() else _CHECKOUT / name
