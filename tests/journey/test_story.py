"""The folder tells the story: twelve modules, in the order in which an event lives."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JOURNEY = ROOT / "logging_pipeline" / "journey"


def stages() -> list[str]:
    return sorted(path.stem for path in JOURNEY.glob("*.py") if path.stem != "__init__")


def test_the_alphabet_is_the_order_of_the_stages():
    """The docstrings count from 1 to 12 in the order of the file names."""
    openings = [ast.get_docstring(ast.parse((JOURNEY / f"{name}.py").read_text())) or "" for name in stages()]
    assert [opening.partition(":")[0] for opening in openings] == [f"Stage {n} of 12" for n in range(1, 13)]


def test_nothing_else_is_in_the_folder():
    """No folder and no file that is not a stage."""
    assert [
        p.name
        for p in JOURNEY.iterdir()
        if p.name not in {"__pycache__", "__init__.py", *(f"{s}.py" for s in stages())}
    ] == []


@pytest.mark.parametrize("page", ["docs/ARCHITECTURE.md", "README.md"])
def test_the_page_tells_the_same_story(page: str):
    """The table's rows are the modules, in their order."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (ROOT / page).read_text(), re.MULTILINE)
    assert rows == [(str(number), name) for number, name in enumerate(stages(), start=1)]


@pytest.mark.parametrize("name", stages())
def test_each_stage_has_the_callable_of_its_name(name: str):
    """Who knows the file's name knows what to call: the function, or the class that does it."""
    doers = {"collect": "Buffer", "enforce": "Enforcer", "mask": "Masker", "pack": "Packer", "spool": "Spool"}
    tree = ast.parse((JOURNEY / f"{name}.py").read_text())
    public = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert doers.get(name, name) in public
