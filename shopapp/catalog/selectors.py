"""What may be asked of the catalogue. Only products on sale are found, unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs

from shopapp.catalog.models import Category, Product

__all__ = [
    "DEFAULT_SORT",
    "SORTS",
    "alike",
    "categories",
    "every_product",
    "newest",
    "products_by_id",
    "products_in",
    "search",
    "shelves",
    "sorted_by",
]

SORTS = {
    "new": ("Newest", ("-added_at", "-pk")),
    "price": ("Price, low first", ("price_cents", "name")),
    "price-desc": ("Price, high first", ("-price_cents", "name")),
    "name": ("Name", ("name",)),
}
DEFAULT_SORT = "new"
MAX_SEARCH_WORDS = 8


def categories() -> QuerySet[Category]:
    """In the order of the shop."""
    return Category.objects.all()


def shelves() -> list[tuple[Category, Product | None]]:
    """Each category with the first of its products, to show what is there."""
    first = _on_sale().filter(category=OuterRef("pk")).order_by("name").values("pk")[:1]
    found = list(categories().annotate(example_id=Subquery(first)))
    examples = products_by_id(shelf.example_id for shelf in found if shelf.example_id)
    return [(shelf, examples.get(shelf.example_id)) for shelf in found]


def products_in(category: Category) -> QuerySet[Product]:
    """What is on one shelf."""
    return _on_sale().filter(category=category)


def newest() -> QuerySet[Product]:
    """The latest first."""
    return _on_sale().order_by("-added_at", "-pk")


def search(words: str) -> QuerySet[Product]:
    """Products whose name, description, number or category has every one of the first eight words."""
    wanted = words.split()[:MAX_SEARCH_WORDS]
    return _on_sale().filter(reduce(and_, map(_mentions, wanted))) if wanted else Product.objects.none()


def sorted_by(products: QuerySet[Product], sort: str) -> QuerySet[Product]:
    """*products* in the order of one of `SORTS`; an unknown one means the default."""
    _, order = SORTS.get(sort, SORTS[DEFAULT_SORT])
    return products.order_by(*order)


def alike(product: Product, count: int = 4) -> QuerySet[Product]:
    """Others on the same shelf and in stock, the nearest in price first."""
    others = _on_sale().filter(category=product.category, stock__gt=0).exclude(pk=product.pk)
    return others.order_by(Abs(F("price_cents") - product.price_cents), "pk")[:count]


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    """By primary key, also what is no longer on sale."""
    return Product.objects.select_related("category").in_bulk(list(ids))


def every_product(words: str = "") -> QuerySet[Product]:
    """For staff: also what is not on sale."""
    found = Product.objects.select_related("category").order_by("category__position", "sku")
    return found.filter(Q(name__icontains=words) | Q(sku__icontains=words)) if words else found


def _on_sale() -> QuerySet[Product]:
    return Product.objects.filter(is_active=True).select_related("category")


def _mentions(word: str) -> Q:
    return (
        Q(name__icontains=word)
        | Q(description__icontains=word)
        | Q(sku__iexact=word)
        | Q(category__name__icontains=word)
    )
