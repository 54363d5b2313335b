"""The palette: every colour stands out from its ground, and any two can be told apart, whoever looks."""

from __future__ import annotations

from itertools import combinations

import pytest

from policy_engine.reports.palette import CATEGORIES, DARK, LIGHT, state_class

COLOURS = (*(f"c{rank}" for rank in range(CATEGORIES)), "other")
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
VISION = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What is seen of linear red, green and blue (Machado, Oliveira and Fernandes, 2009, severity 1)."""


@THEMES
@pytest.mark.parametrize("vision", VISION)
def test_any_two_categories_can_be_told_apart(theme: dict[str, str], vision: str) -> None:
    seen = {name: lab(as_seen(linear(theme[name]), VISION[vision])) for name in COLOURS}
    for one, other in combinations(COLOURS, 2):
        assert distance(seen[one], seen[other]) >= 20, (one, other)


@THEMES
def test_every_category_stands_out_from_its_ground(theme: dict[str, str]) -> None:
    for name in COLOURS:
        assert contrast(theme[name], theme["ground"]) >= 3


@THEMES
def test_every_text_can_be_read_on_its_ground(theme: dict[str, str]) -> None:
    for text in ("ink", "faint", "limit"):
        assert contrast(theme[text], theme["ground"]) >= 4.5
    assert contrast(theme["ink"], theme["shade"]) >= 4.5
    for rank in range(4):
        assert contrast(theme[f"s-text{rank}"], theme[f"s{rank}"]) >= 4.5


def test_states_go_from_the_palest_to_the_strongest() -> None:
    assert [state_class(rank, 3) for rank in range(4)] == ["s0", "s1", "s2", "s3"]
    assert [state_class(rank, 1) for rank in range(2)] == ["s0", "s3"]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    darker, lighter = sorted((luminance(linear(one)), luminance(linear(other))))
    return (lighter + 0.05) / (darker + 0.05)


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(rgb: list[float]) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def as_seen(rgb: list[float], matrix: tuple[tuple[float, ...], ...]) -> list[float]:
    return [min(max(sum(part * weight for part, weight in zip(rgb, row, strict=True)), 0), 1) for row in matrix]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    red, green, blue = rgb
    x = lightness((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
    y = lightness(luminance(rgb))
    z = lightness((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def lightness(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)
