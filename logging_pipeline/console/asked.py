"""What a request asks for: the search in its address, and the categories that it may be asked of."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from logging_pipeline.console.access import aside_for, categories_for, category_permission, viewer
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.search import MAX_TEXT_CHARS, Search
from logging_pipeline.contract import contract

__all__ = ["Closed", "asked", "usable"]


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
    parameters = _parameters(request, default_from)
    parameters.pop(without, None)
    search = _parsed(parameters)
    allowed, aside = categories_for(viewer(request)), aside_for(viewer(request))
    forbidden = [name for name in search.categories if name not in (*allowed, *aside)]
    if forbidden:
        raise Closed(category_permission(forbidden[0]))
    return search, search.categories or allowed


def usable(request: HttpRequest, *, default_from: str = "") -> Search:
    """What can be used of the search in *request*'s address; its text stays as it is, to be mended in the box."""
    parameters = _parameters(request, default_from)
    while True:
        try:
            return replace(_parsed(parameters), text=request.GET.get("q", "")[:MAX_TEXT_CHARS])
        except BadParameter as problem:
            if parameters.pop(problem.parameter, None) is None:  # it is not there; another one made it wrong
                parameters.clear()


def _parameters(request: HttpRequest, default_from: str) -> QueryDict:
    parameters = request.GET.copy()
    if default_from and not parameters.get("from"):
        parameters["from"] = default_from
    return parameters


def _parsed(parameters: QueryDict) -> Search:
    return Search.parse(parameters, contract(), now=timezone.now(), zone=timezone.get_current_timezone())
