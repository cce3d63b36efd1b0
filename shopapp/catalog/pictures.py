"""
Pictures of products, drawn as SVG: the same for the same motif, palette and article number, and no file to keep.

A motif is a drawing of one thing in `motifs/`, 400 by 400 units, standing on the line y = 320. Its colours are names
that a palette fills in: ``$main``, ``$dark``, ``$light`` (the thing), ``$accent`` (a detail), ``$ink`` (lines).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from string import Template

__all__ = ["MOTIFS", "PALETTES", "VERSION", "draw", "motif_choices", "palette_choices"]

VERSION = 1  # raise it when a drawing changes: browsers keep pictures by address

_FOLDER = Path(__file__).parent / "motifs"
MOTIFS = tuple(sorted(path.stem for path in _FOLDER.glob("*.svg")))

#                background           thing                          detail     lines
PALETTES = {
    "clay": ("#f6e3d6", "#eec7ae", "#c9633e", "#9c4527", "#e9a184", "#f4d06f", "#4a2015"),
    "forest": ("#e1ece2", "#bfd6c3", "#3f7d58", "#285940", "#86b597", "#e3a857", "#16301f"),
    "harbour": ("#dfeaf2", "#b9d2e4", "#35668f", "#234866", "#86b0cf", "#e07a5f", "#142b40"),
    "plum": ("#efe3ee", "#d9bdd8", "#7d4577", "#5a2d56", "#b98bb3", "#e6b655", "#361833"),
    "sand": ("#f5efe2", "#e4d5b7", "#c9a66b", "#9a7843", "#e8d3aa", "#5f7f73", "#46351a"),
    "slate": ("#e6e9ee", "#c6cdd8", "#57657a", "#3b4657", "#96a3b6", "#e5986c", "#1c2430"),
    "sun": ("#fdf1d3", "#f8dc93", "#e5a823", "#b27c0e", "#f5cf73", "#3d6b8c", "#4d3505"),
    "rose": ("#f9e4e6", "#f0bfc5", "#c8546a", "#97384c", "#e8929f", "#5b8a72", "#4a1722"),
    "sea": ("#dcf0ee", "#aedad6", "#2c8c88", "#1c6462", "#7cc0bc", "#f2b95f", "#0e3534"),
    "chalk": ("#ecebe8", "#d4d1cb", "#f8f6f1", "#cfc9bd", "#ffffff", "#c9633e", "#3d3a35"),
}


def draw(motif: str, palette: str, sku: str) -> str:
    """
    The picture as an SVG document.

    Raises:
        KeyError: there is no such motif or palette.
    """
    if motif not in MOTIFS:
        raise KeyError(motif)
    pale, deep, main, dark, light, accent, ink = PALETTES[palette]
    seed = hashlib.blake2b(sku.encode(), digest_size=8).digest()
    thing = _motif(motif).substitute(main=main, dark=dark, light=light, accent=accent, ink=ink)
    return _SHEET.substitute(
        pale=pale,
        deep=deep,
        ink=ink,
        thing=thing,
        sun_x=90 + seed[0] % 220,
        sun_y=90 + seed[1] % 80,
        sun_r=60 + seed[2] % 60,
        horizon=262 + seed[3] % 30,
        tilt=seed[4] % 9 - 4,
        mirror="translate(400 0) scale(-1 1)" if seed[5] % 2 else "",
    )


def motif_choices() -> list[tuple[str, str]]:
    """For a form; a function, so that a new drawing needs no migration."""
    return [(name, name) for name in MOTIFS]


def palette_choices() -> list[tuple[str, str]]:
    """For a form."""
    return [(name, name) for name in PALETTES]


_SHEET = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
    '<rect width="400" height="400" fill="$pale"/>'
    '<circle cx="$sun_x" cy="$sun_y" r="$sun_r" fill="$deep" opacity=".55"/>'
    '<path d="M-20 $horizon H420 V420 H-20 Z" fill="$deep" opacity=".7" transform="rotate($tilt 200 300)"/>'
    '<ellipse cx="200" cy="322" rx="118" ry="13" fill="$ink" opacity=".16"/>'
    '<g transform="$mirror">$thing</g>'
    "</svg>\n"
)


@cache
def _motif(name: str) -> Template:
    return Template((_FOLDER / f"{name}.svg").read_text().strip())
