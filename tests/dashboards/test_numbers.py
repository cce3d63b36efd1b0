"""Every panel of every versioned dashboard says what the events say, on a real Elasticsearch."""

from __future__ import annotations

from typing import Any

import pytest

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Dashboard, Panel
from logging_pipeline.dashboards.question import question
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.window import Window
from logging_pipeline.settings import Settings
from tests.dashboards.conftest import NOW, Shop, counted_panels, dashboards, groups, panels
from tests.dashboards.counting import Between, Counter, ms

pytestmark = pytest.mark.stack

WITH_TOTALS = ("metric", "gauge")  # types that show a number of all events together


def ask(client: Any, settings: Settings, project: Contract, page: Dashboard, window: Window, **how: Any) -> Any:
    asked = question(settings, project, page.panels, window, now=NOW, **how)
    return [*asked.read(asked.send(client)).values()]


@pytest.fixture(scope="module")
def answers(shop: Shop, project: Contract) -> dict[tuple[str, str], Any]:
    """Each dashboard's answers, by its id and the panel's."""
    found = {}
    with shop.server.client("logpipe_reader") as client:
        for page in dashboards():
            window = Window.last(page.time, NOW)
            for answer in ask(client, shop.settings, project, page, window):
                found[page.id, answer.panel.id] = answer
    return found


@pytest.mark.parametrize(("page", "panel"), counted_panels())
def test_numbers_are_those_of_the_events(
    answers: dict[tuple[str, str], Any], shop: Shop, project: Contract, page: Dashboard, panel: Panel
):
    """Its rows, their order, their values and the totals are what counting the events in Python gives."""
    answer = answers[page.id, panel.id]
    counter = Counter(panel, shop.events, Window.last(panel.time or page.time, NOW), project)

    assert not answer.refused
    assert not answer.partial
    assert counter.events, "no event that this panel counts: the test would show nothing"
    agree(answer.table.totals, counter.values(panel.measures, counter.events) if panel.type in WITH_TOTALS else ())
    by = groups(panel)
    if by:
        compare(answer.table, list(counter.rows(panel.measures, by)), estimated=_ordered_by_estimate(panel))


def compare(table: Table, expected: list[tuple[tuple[Any, ...], tuple[Any, ...]]], *, estimated: bool = False) -> None:
    rows = table.rows
    if estimated:  # two groups may change places within the estimate, but the rows are in the order of what they say
        assert [row.values[0] for row in rows] == sorted((row.values[0] for row in rows), reverse=True)
        rows, expected = tuple(sorted(rows, key=lambda row: row.keys)), sorted(expected, key=lambda row: row[0])
    assert [row.keys for row in rows] == [keys for keys, _values in expected]
    for row, (_keys, values) in zip(rows, expected, strict=True):
        agree(row.values, values)


def _ordered_by_estimate(panel: Panel) -> bool:
    labels = {m.label for m in panel.measures if m.function == "percentile"}
    return any(breakdown.order in labels for breakdown in panel.breakdowns)


def agree(values: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    for value, wanted in zip(values, expected, strict=True):
        if isinstance(wanted, Between):
            assert wanted.low - 0.5 <= value <= wanted.high + 0.5
        else:
            assert value == (wanted if wanted is None else pytest.approx(wanted, rel=1e-9))


@pytest.mark.parametrize(("page", "panel"), [p for p in panels() if p.values[1].type == "log_list"])
def test_lists_show_the_newest_events(
    answers: dict[tuple[str, str], Any], shop: Shop, project: Contract, page: Dashboard, panel: Panel
):
    """A list has the newest matching events, newest first."""
    counter = Counter(panel, shop.events, Window.last(page.time, NOW), project)
    newest = sorted((ms(event["@timestamp"]) for event in counter.events), reverse=True)[: panel.settings["size"]]

    assert newest
    assert [row.keys[0] for row in answers[page.id, panel.id].table.rows] == newest


def test_buckets_are_those_of_the_window(answers: dict[tuple[str, str], Any]):
    """Elasticsearch answers with the buckets that the window has; the first and the last, which it cuts, are marked."""
    answer = answers["http", "latency"]
    starts = [row.keys[-1] for row in answer.table.rows]

    assert starts == list(answer.window.starts_ms)
    assert answer.window.cut == {0, len(starts) - 1}


def test_what_may_not_be_seen_is_not_asked(shop: Shop, project: Contract):
    """A panel with a category that the reader may not see has no rows, and says which; the others are answered."""
    page = next(d for d in dashboards() if d.id == "security")
    window = Window.last(page.time, NOW)
    with shop.server.client("logpipe_reader") as client:
        found = ask(client, shop.settings, project, page, window, allowed={"auth"})

    assert {a.panel.id: a.forbidden for a in found if a.forbidden} == {
        "staff": ("audit",),
        "staff-actions": ("audit",),
        "latest": ("audit",),
    }
    assert all(not a.table.rows for a in found if a.forbidden)
    assert all(a.table.totals or a.table.rows for a in found if not a.forbidden)


def test_streams_that_are_not_there_yet(shop: Shop, project: Contract):
    """Before set-up every panel is empty, and none fails."""
    settings = type(shop.settings)(app="shop", namespace="never_set_up")
    with shop.server.client("logpipe_reader") as client:
        for page in dashboards():
            found = ask(client, settings, project, page, Window.last(page.time, NOW))
            assert not any(answer.refused or answer.table.rows for answer in found)
