"""The row of page numbers under a list."""

from typing import Any

from django import template
from django.core.paginator import Page

__all__ = ["page_numbers"]

register = template.Library()


@register.inclusion_tag("pagination.html", takes_context=True)
def page_numbers(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the pages near *page*, the first and the last; they keep the rest of the address."""
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"request": context["request"], "page": page, "pages": list(pages)}
