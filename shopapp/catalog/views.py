"""Pages of the catalogue."""

from __future__ import annotations

import structlog
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from shopapp.catalog import pictures, selectors
from shopapp.catalog.models import Category, Product
from shopapp.catalog.services import LOW_STOCK

__all__ = ["category", "home", "picture", "product", "search"]

log = structlog.get_logger("shopapp.catalog")

PAGE_SIZE = 12
QUERY_MAX_CHARS = 80
PICTURE_MAX_AGE_S = 365 * 24 * 3600  # an address names all that the picture is drawn from


def home(request: HttpRequest) -> HttpResponse:
    """What is new, and the shelves."""
    context = {"shelves": selectors.shelves(), "newest": list(selectors.newest()[:8]), "low_stock": LOW_STOCK}
    return render(request, "catalog/home.html", context)


def category(request: HttpRequest, slug: str) -> HttpResponse:
    """One shelf, page by page."""
    shelf = get_object_or_404(Category, slug=slug)
    page, sort = _listed(request, selectors.products_in(shelf))
    log.info("catalog.browsed", product_category=shelf.slug, page=page.number, sort=sort)
    return render(request, "catalog/category.html", {"shelf": shelf, **_list_context(page, sort)})


def search(request: HttpRequest) -> HttpResponse:
    """What was searched for."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:QUERY_MAX_CHARS]
    page, sort = _listed(request, selectors.search(query))
    if query:
        log.info("catalog.searched", query=query, results=page.paginator.count, page=page.number, sort=sort)
    return render(request, "catalog/search.html", {"query": query, **_list_context(page, sort)})


def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product; a product that is no longer on sale is shown as such."""
    item = get_object_or_404(Product.objects.select_related("category"), slug=slug)
    log.info("catalog.viewed", sku=item.sku, product_category=item.category.slug, price_cents=item.price_cents)
    context = {"product": item, "alike": selectors.alike(item), "low_stock": LOW_STOCK}
    return render(request, "catalog/product.html", context)


def picture(request: HttpRequest, version: int, motif: str, palette: str, sku: str) -> HttpResponse:
    """A product's picture, drawn; the version only tells browsers of a new drawing."""
    try:
        drawing = pictures.draw(motif, palette, sku)
    except KeyError:
        raise Http404 from None
    response = HttpResponse(drawing, content_type="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={PICTURE_MAX_AGE_S}, immutable"
    return response


def _listed(request: HttpRequest, products: QuerySet[Product]) -> tuple[Page[Product], str]:
    sort = request.GET.get("sort", "")
    sort = sort if sort in selectors.SORTS else selectors.DEFAULT_SORT
    return Paginator(selectors.sorted_by(products, sort), PAGE_SIZE).get_page(request.GET.get("page")), sort


def _list_context(page: Page[Product], sort: str) -> dict[str, object]:
    sorts = [(key, label) for key, (label, _) in selectors.SORTS.items()]
    return {"page": page, "sort": sort, "sorts": sorts, "low_stock": LOW_STOCK}
