"""The console's pages, as data: the navigation shows those that the viewer may open."""

from __future__ import annotations

from dataclasses import dataclass

from logging_pipeline.console.access import (
    IMPORT_DASHBOARDS,
    VIEW_DASHBOARDS,
    VIEW_ERRORS,
    VIEW_LOGS,
    VIEW_PIPELINE,
    VIEW_TAIL,
    User,
)

__all__ = ["PAGES", "ConsolePage", "pages_for"]


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """A page of the navigation: its name in the URLs, its title, and the permission that opens it."""

    url_name: str
    title: str
    permission: str


PAGES: tuple[ConsolePage, ...] = (
    ConsolePage("logpipe_console:dashboards", "Dashboards", VIEW_DASHBOARDS),
    ConsolePage("logpipe_console:logs", "Logs", VIEW_LOGS),
    ConsolePage("logpipe_console:errors", "Errors", VIEW_ERRORS),
    ConsolePage("logpipe_console:tail", "Live tail", VIEW_TAIL),
    ConsolePage("logpipe_console:pipeline", "Pipeline", VIEW_PIPELINE),
    ConsolePage("logpipe_console:imports", "Kibana", IMPORT_DASHBOARDS),
)


def pages_for(user: User) -> tuple[ConsolePage, ...]:
    """The pages that *user* may open."""
    return tuple(page for page in PAGES if user.has_perm(page.permission))
