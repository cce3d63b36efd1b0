"""
A panel on a dashboard's page: its title, where it leads, what it counts, and its drawing or why there is none.

Made of patterns, not of a template, which would need three times as long: a page has up to a dozen of them. And made
in two steps: what needs no answer while Elasticsearch works, the rest when it has answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from logging_pipeline.console.text import visible
from logging_pipeline.console.timerange import RELATIVE
from logging_pipeline.dashboards.drawing import View, prepare
from logging_pipeline.dashboards.markup import filled
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.question import Answer
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.table import Row, Table

__all__ = ["AwaitedPanel", "awaited"]

NEVER_EMPTY = ("gauge", "markdown", "metric")  # they say "0" or "nothing to measure" themselves


@dataclass(frozen=True, slots=True)
class AwaitedPanel:
    """
    A panel that waits for its answer.

    Args:
        lacking: a filter's field that its events do not have.
        filtered: the page has filters.
        opening: of its section, up to the link.
        link: to all its events, or to the dashboard that says more.
        about: what it is, and the beginning of its body.
    """

    panel: Panel
    kind: PanelType
    view: View
    lacking: str
    filtered: bool
    opening: SafeString
    link: SafeString
    about: SafeString

    def shown(self, answer: Answer) -> SafeString:
        """The whole of it, a section of the page."""
        if answer.forbidden or answer.refused or self.lacking:
            return SafeString(f"{self.opening}{self.about}{self._reason(answer)}{_END}")
        body = self._nothing if self._is_empty(answer.table) else self.kind.draw(self.panel, answer.table, self.view)
        too_low = _PARTIAL if answer.partial else ""
        return SafeString(f"{self.opening}{self.link}{self.about}{too_low}{body}{_END}")

    def _reason(self, answer: Answer) -> SafeString:
        """Why it could not be asked for."""
        if answer.forbidden:
            one = len(answer.forbidden) == 1
            return filled(
                '<p class="instead">This needs {}, which {} not open to you.</p>',
                ", ".join(answer.forbidden),
                "is a category that is" if one else "are categories that are",
            )
        if answer.refused:
            pattern = '<p class="instead bad" role="alert">Elasticsearch refused this query. <code>{}</code></p>'
            return filled(pattern, visible(answer.refused))
        return filled(
            '<p class="instead">Its events have no <code>{}</code>, which a filter asks for.</p>', self.lacking
        )

    def _is_empty(self, table: Table) -> bool:
        if self.panel.type in NEVER_EMPTY:
            return False
        return not any(any(row.values) if table.measures else True for row in table.rows)

    @property
    def _nothing(self) -> SafeString:
        pattern = '<p class="instead">Nothing in this time{}.</p>'
        return filled(pattern, " with these filters" if self.filtered else "")


_END = "</div></section>"
_PARTIAL = (
    '<p class="too-low" role="status">Too low: Elasticsearch counted only a part '
    "(time ran out, or a shard is away).</p>"
)


def awaited(panel: Panel, view: View, leads_to: str, *, lacking: str, filtered: bool) -> AwaitedPanel:
    """*panel* in *view*, whose link is called *leads_to*; all that no answer changes is made now."""
    kind = panel_types()[panel.type]
    if kind.charted:
        prepare(view)
    span = next((words for text, _label, words in RELATIVE if text == panel.time), panel.time)
    link = view.link(Row((), ()))
    return AwaitedPanel(
        panel,
        kind,
        view,
        lacking,
        filtered,
        filled(
            '<section class="panel type-{} {}" id="panel-{}" aria-labelledby="title-{}" data-live><header>'
            '<h2 id="title-{}" title="{}">{}</h2>{}',
            *(panel.type, panel.grid.classes, panel.id, panel.id, panel.id, panel.title, panel.title),
            filled('<span class="span">{}</span>', span) if span else "",
        ),
        filled('<a class="more" href="{}" aria-label="{} in {}">{} →</a>', link, panel.title, leads_to, leads_to)
        if link
        else SafeString(""),
        filled(
            '<details class="about custom"><summary aria-label="About {}" title="{}">?</summary>'
            '<div class="popup"><p>{}</p>{}</div></details></header><div class="body" data-scroll tabindex="-1">',
            *(panel.title, panel.description, panel.description),
            _counts(panel),
        ),
    )


def _counts(panel: Panel) -> SafeString | str:
    if not panel.categories:
        return ""
    only = filled("<code>{}</code> ", panel.filter) if panel.filter else ""
    return filled('<p class="hint">Counts {}in {}.</p>', only, ", ".join(panel.categories))
