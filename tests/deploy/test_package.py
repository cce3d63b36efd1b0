"""What is installed is what is in the checkout."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_templates_styles_and_patterns_are_installed_too():
    """Every file of the library that is no Python is named as package data, or an installed console has no pages."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][
        "logging_pipeline"
    ]
    library = ROOT / "logging_pipeline"
    installed = {path for pattern in patterns for path in library.glob(pattern) if path.is_file()}

    there = {path for path in library.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in there if path.suffix != ".py"} == installed - {p for p in installed if p.suffix == ".py"}
