"""
A panel on a dashboard's page: its title, where it leads, what it counts, and its drawing or why there is none.

Made of patterns, not of a template, which would need three times as long: a page has up to a dozen of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.safestring import SafeString

from logging_pipeline.console.dashboard_links import PanelLinks
from logging_pipeline.console.text import visible
from logging_pipeline.console.timerange import RELATIVE
from logging_pipeline.dashboards.ask import Answer
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.markup import filled
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.table import Row, Table

__all__ = ["ShownPanel", "shown_panel"]

NEVER_EMPTY = ("gauge", "markdown", "metric")  # they say "0" or "nothing to measure" themselves


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """
    A panel on the page.

    Args:
        drawing: empty when there is a reason for that: *lacking*, the answer's own reasons, or *empty*.
        lacking: a filter's field that its events do not have.
        empty: there was nothing to count.
        filtered: the page has filters.
        link: all its events, or the dashboard that says more.
        leads_to: what the link is called.
        span: its time in words where it has its own.
    """

    panel: Panel
    answer: Answer
    drawing: SafeString
    lacking: str
    empty: bool
    filtered: bool
    link: str
    leads_to: str
    span: str

    @property
    def html(self) -> SafeString:
        """The whole of it, a section of the page."""
        panel = self.panel
        return filled(
            '<section class="panel type-{} {}" id="panel-{}" aria-labelledby="title-{}" data-live><header>'
            '<h2 id="title-{}" title="{}">{}</h2>{}{}<details class="about custom"><summary aria-label="About {}" '
            'title="{}">?</summary><div class="popup"><p>{}</p>{}</div></details></header>'
            '<div class="body" data-scroll tabindex="-1">{}</div></section>',
            *(panel.type, panel.grid.classes, panel.id, panel.id, panel.id, panel.title, panel.title),
            filled('<span class="span">{}</span>', self.span) if self.span else "",
            self._more,
            *(panel.title, panel.description, panel.description),
            self._counts,
            self._reason or self._too_low + self.drawing,
        )

    @property
    def _more(self) -> SafeString | str:
        pattern = '<a class="more" href="{}" aria-label="{} in {}">{} →</a>'
        return filled(pattern, self.link, self.panel.title, self.leads_to, self.leads_to) if self.link else ""

    @property
    def _counts(self) -> SafeString | str:
        if not self.panel.categories:
            return ""
        only = filled("<code>{}</code> ", self.panel.filter) if self.panel.filter else ""
        return filled('<p class="hint">Counts {}in {}.</p>', only, ", ".join(self.panel.categories))

    @property
    def _reason(self) -> SafeString | str:
        """Why there is no drawing; empty: there is one."""
        if self.answer.forbidden:
            one = len(self.answer.forbidden) == 1
            return filled(
                '<p class="instead">This needs {}, which {} not open to you.</p>',
                ", ".join(self.answer.forbidden),
                "is a category that is" if one else "are categories that are",
            )
        if self.answer.refused:
            pattern = '<p class="instead bad" role="alert">Elasticsearch refused this query. <code>{}</code></p>'
            return filled(pattern, visible(self.answer.refused))
        if self.lacking:
            pattern = '<p class="instead">Its events have no <code>{}</code>, which a filter asks for.</p>'
            return filled(pattern, self.lacking)
        if self.empty:
            pattern = '<p class="instead">Nothing in this time{}.</p>'
            return filled(pattern, " with these filters" if self.filtered else "")
        return ""

    @property
    def _too_low(self) -> SafeString:
        return PARTIAL if self.answer.partial else SafeString("")


PARTIAL = SafeString(
    '<p class="too-low" role="status">Too low: Elasticsearch counted only a part '
    "(time ran out, or a shard is away).</p>"
)


def shown_panel(
    answer: Answer,
    lacking: str,
    *,
    links_of: Callable[..., PanelLinks],
    titles: dict[str, str],
    filtered: bool,
    zone: tzinfo,
) -> ShownPanel:
    """
    The panel of *answer*, drawn.

    Args:
        links_of: the links of a panel, of its type, in a window.
        titles: of the dashboards, by their ids.
    """
    panel, kind = answer.panel, panel_types()[answer.panel.type]
    links = links_of(panel, kind, answer.window)
    failed = bool(lacking or answer.refused or answer.forbidden)
    empty = not failed and panel.type not in NEVER_EMPTY and _is_empty(answer.table)
    view = View(answer.window, zone, links.link, links.narrow)
    to = panel.drill_down.to if panel.drill_down else ""
    return ShownPanel(
        panel,
        answer,
        SafeString("") if failed or empty else kind.draw(panel, answer.table, view),
        lacking,
        empty,
        filtered,
        "" if failed else links.link(Row((), ())),
        titles.get(to, "Logs"),
        next((words for text, _label, words in RELATIVE if text == panel.time), panel.time),
    )


def _is_empty(table: Table) -> bool:
    return not any(any(row.values) if table.measures else True for row in table.rows)
