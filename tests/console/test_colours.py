"""The colours of charts, as the console's style sheet says them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logging_pipeline.dashboards.series import SERIES, colour

SHEET = Path(__file__).resolve().parents[2] / "logging_pipeline/console/static/logpipe_console/console.css"
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", SHEET.read_text())
}

# What people with normal vision see, and those without red, green or blue cones (Machado et al. 2009, whole severity).
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}

Numbers = tuple[float, ...]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_series_has_a_colour_of_its_own(theme: int):
    """As many as charts tell apart, each at least 3:1 on the surface, and no two alike to anybody's eyes."""
    colours = [_linear(PAIRS[colour("anything", place)][theme]) for place in range(SERIES)]
    surface = _luminance(_linear(PAIRS["surface"][theme]))
    for each in colours:
        low, high = sorted((_luminance(each), surface))
        assert (high + 0.05) / (low + 0.05) >= 3
    for name, rows in EYES.items():
        seen = [_oklab([sum(a * b for a, b in zip(row, each, strict=True)) for row in rows]) for each in colours]
        nearest = min(
            sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
            for place, one in enumerate(seen)
            for other in seen[:place]
        )
        assert nearest > 0.09, name


def test_every_colour_has_its_class():
    """A place in a legend gives a class, and the class its colour."""
    sheet = SHEET.read_text()
    for place in range(SERIES):
        name = colour("anything", place)
        assert f".{name} {{ --level: var(--{name}); }}" in sheet


def _linear(code: str) -> Numbers:
    parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple([part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts])


def _luminance(colour: Numbers) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), colour, strict=True))


def _oklab(colour: list[float]) -> Numbers:
    """Where equal distances look equally different."""
    cones = [
        max(0.0, sum(weight * part for weight, part in zip(row, colour, strict=True))) ** (1 / 3)
        for row in (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        )
    ]
    return tuple(
        sum(weight * cone for weight, cone in zip(row, cones, strict=True))
        for row in (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        )
    )
