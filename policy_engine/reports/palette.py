"""The colours of a picture, by what a thing is; fixed, told apart by colour-blind readers too, in light and in dark.

Categories get theirs by rank, so the one that failed most is always the same blue; what has no colour left is grey. Any
two of them differ by 20 or more (CIE 1976), for readers of every kind of colour vision, and each has a contrast of at
least 3 to 1 with its ground. States go from pale (all is well) to strong (the worst), so that they read without hue.
"""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES = 7
"""How many categories have a colour of their own."""

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "ink": "#1b1f24",
    "faint": "#59636e",
    "rule": "#d5dae0",
    "shade": "#fdebd9",
    "limit": "#8a3b00",
    "c0": "#06519e",
    "c1": "#ae2508",
    "c2": "#002e19",
    "c3": "#d87d0b",
    "c4": "#bb76b0",
    "c5": "#460e50",
    "c6": "#2c96f2",
    "other": "#787d6b",
    "s0": "#e3e8ee",
    "s1": "#f2c48d",
    "s2": "#d9722e",
    "s3": "#8f2d04",
    "s-text0": "#1b1f24",
    "s-text1": "#1b1f24",
    "s-text2": "#1b1f24",
    "s-text3": "#ffffff",
}
DARK: Mapping[str, str] = {
    "ground": "#14181d",
    "ink": "#e8ecf1",
    "faint": "#a3adb8",
    "rule": "#323a44",
    "shade": "#3a2a1c",
    "limit": "#ffb27a",
    "c0": "#02a5ff",
    "c1": "#f37d0e",
    "c2": "#0d7b3e",
    "c3": "#f9e37f",
    "c4": "#f1a2a9",
    "c5": "#9742a9",
    "c6": "#c5d6ff",
    "other": "#6d6472",
    "s0": "#2a313a",
    "s1": "#8a5a22",
    "s2": "#d9722e",
    "s3": "#ffc9a3",
    "s-text0": "#e8ecf1",
    "s-text1": "#ffffff",
    "s-text2": "#14181d",
    "s-text3": "#14181d",
}


def state_class(rank: int, worst: int) -> str:
    """The class of a state: ``s0`` for the best, ``s3`` for the worst of ``worst + 1``, spread evenly between."""
    if rank <= 0 or worst <= 0:
        return "s0"
    return f"s{max(1, round(3 * rank / worst))}"
