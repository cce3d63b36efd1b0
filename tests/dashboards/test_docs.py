"""docs/dashboards.md says what is there, and its example works."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import yaml
from django.http import QueryDict

from logging_pipeline.console.access import VIEW_DASHBOARDS
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.filters import MAX_FILTERS
from logging_pipeline.console.picker import REFRESH
from logging_pipeline.contract import Contract, contract
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


def test_names_what_the_address_and_the_settings_can_say():
    """Each interval of refreshing, each parameter, the permission and the folder's setting are in the docs."""
    state = DashboardState.parse(
        QueryDict("filter=log.level:error&refresh=1m"), contract(), "now-1h", now=datetime.now(UTC), zone=UTC
    )
    names = [f"{name}=" for name, _value in state.pairs] + [value for value, _words in REFRESH if value]

    assert [name for name in [*names, VIEW_DASHBOARDS] if f"`{name}`" not in TEXT] == []
    assert "LOGPIPE_DASHBOARDS_DIR" in TEXT
    assert f"at most {MAX_FILTERS}" in TEXT


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
