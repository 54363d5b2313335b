"""Paths of the recording machine, shortened: a published log says nothing about where it was made.

The checkout's ``examples/record/`` becomes ``app/``, other files of the checkout ``app/...`` likewise, installed
packages ``python3.11/site-packages/`` and the standard library ``python3.11/``. The service runs in a temporary folder
and names its own files relatively. Nothing else is changed.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

_EXAMPLES = Path(__file__).resolve().parents[1]


def prefixes() -> list[tuple[str, str]]:
    """Return what to replace and by what, longest first: one prefix may lie inside another."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    paths = sysconfig.get_paths()
    known = {
        str(_EXAMPLES / "record"): "app",
        str(_EXAMPLES): "app",
        str(_EXAMPLES.parent): "app",
        paths["stdlib"]: python,
        paths["platstdlib"]: python,
        paths["purelib"]: f"{python}/site-packages",
        paths["platlib"]: f"{python}/site-packages",
        sys.prefix: python,
        sys.base_prefix: python,
        str(Path.home()): "home",
    }
    return sorted(((f"{long}/", f"{short}/") for long, short in known.items()), key=lambda pair: -len(pair[0]))


class Anonymiser:
    """Replaces the machine's prefixes in texts."""

    def __init__(self) -> None:
        self._prefixes = prefixes()

    def __call__(self, text: str) -> str:
        """Return ``text`` with every prefix shortened."""
        for long, short in self._prefixes:
            text = text.replace(long, short)
        return text
