"""What a request asks for: the search in its address, and the categories that it may be asked of."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from logging_pipeline.console.access import aside_for, categories_for, category_permission, viewer
from logging_pipeline.console.search import Search
from logging_pipeline.contract import contract

__all__ = ["Closed", "asked"]


class Closed(Exception):
    """The search names a category that is not open to the viewer; *permission* would open it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


def asked(request: HttpRequest, *, without: str = "", default_from: str = "") -> tuple[Search, tuple[str, ...]]:
    """
    The search in *request*'s address, and the categories to ask: those that it names, else all that are open.

    Args:
        without: a parameter that is left out, because somebody is still writing it.
        default_from: where the range begins when the address does not say.

    Raises:
        BadParameter: a part of the address cannot be used.
        Closed: it names a category that is not open to the viewer.
    """
    parameters = request.GET.copy()
    parameters.pop(without, None)
    if default_from and not parameters.get("from"):
        parameters["from"] = default_from
    search = Search.parse(parameters, contract(), now=timezone.now(), zone=timezone.get_current_timezone())
    allowed, aside = categories_for(viewer(request)), aside_for(viewer(request))
    forbidden = [name for name in search.categories if name not in (*allowed, *aside)]
    if forbidden:
        raise Closed(category_permission(forbidden[0]))
    return search, search.categories or allowed
