"""docs/dashboards.md says what is there, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.check import check_folder
from logging_pipeline.dashboards.model import FUNCTIONS, UNITS
from logging_pipeline.dashboards.registry import panel_types
from tests.dashboards.conftest import FOLDER, dashboards

TEXT = (Path(__file__).resolve().parents[2] / "docs/dashboards.md").read_text(encoding="utf-8")


def test_names_everything():
    """Every dashboard, panel type with its settings, function and unit is in the docs."""
    names = [d.id for d in dashboards()] + [*FUNCTIONS, *UNITS, *panel_types()]
    names += [setting for kind in panel_types().values() for setting in kind.settings]

    assert [name for name in names if f"`{name}`" not in TEXT] == []


def test_the_example_is_ten_lines_and_passes(tmp_path: Path, project: Contract):
    """The panel of the docs can be put into the dashboard of the docs."""
    found = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) == 10
    whole = yaml.safe_load((FOLDER / "http.yml").read_text(encoding="utf-8"))
    (tmp_path / "http.yml").write_text(
        yaml.safe_dump({**whole, "panels": [*whole["panels"], *yaml.safe_load(found[1])]})
    )

    assert check_folder(tmp_path, project)[1] == []
