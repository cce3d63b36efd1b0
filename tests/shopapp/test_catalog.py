"""The catalogue: lists, search, product pages, pictures, stock."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.test import Client

from shopapp.catalog import pictures, services
from shopapp.catalog.models import Category, Product
from tests.shopapp.conftest import MakeProduct

pytestmark = pytest.mark.django_db


def names(answer: Any) -> list[str]:
    return [product.name for product in answer.context["page"]]


def test_a_shelf_has_pages(client: Client, make_product: MakeProduct, logged_events: Any):
    """Fourteen products are a page of twelve and a page of two, and nothing is on both."""
    for _ in range(14):
        make_product()
    first, second = names(client.get("/category/kitchen/")), names(client.get("/category/kitchen/?page=2"))
    assert (len(first), len(second), len({*first, *second})) == (12, 2, 14)
    assert [event["shop.page"] for event in logged_events.named("catalog.browsed")] == [1, 2]


def test_pages_ask_the_database_a_fixed_number_of_questions(
    client: Client, make_product: MakeProduct, django_assert_max_num_queries: Any
):
    """Twelve products, or shelves, cost as many queries as one."""
    for number in range(12):
        other = Category.objects.create(name=f"Shelf {number}", slug=f"shelf-{number}", blurb="More.")
        make_product(category=other)
        make_product()
    for page, most in (("/", 4), ("/category/kitchen/", 4), ("/search/?q=pan", 3), ("/product/pan-102/", 3)):
        with django_assert_max_num_queries(most):
            client.get(page)


@pytest.mark.parametrize("page", ["0", "99", "-1", "x", "1e9", "%00"])
def test_a_page_that_does_not_exist_is_the_nearest(client: Client, product: Product, page: str):
    """Whatever is typed into the address, there is a list."""
    assert names(client.get(f"/category/kitchen/?page={page}")) == [product.name]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price", ["A", "C", "B"]),
        ("price-desc", ["B", "C", "A"]),
        ("name", ["A", "B", "C"]),
        ("new", ["C", "B", "A"]),
        ("'; drop table", ["C", "B", "A"]),
    ],
)
def test_sorting(client: Client, make_product: MakeProduct, sort: str, expected: list[str]):
    """By price, name or age; an unknown order means the newest first."""
    for name, price in (("A", 100), ("B", 300), ("C", 200)):
        make_product(name=name, price_cents=price)
    assert names(client.get("/category/kitchen/", {"sort": sort})) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("steel", {"Steel pan", "Mug"}),
        ("STEEL mug", {"Mug"}),
        ("kitchen", {"Steel pan", "Mug"}),
        ("KIT-0101", {"Steel pan"}),
        ("%", set()),
        ("_", set()),
        ("sofa", set()),
        ("", set()),
        ("\x00", set()),
    ],
)
def test_search_finds_products_with_all_words(
    client: Client, make_product: MakeProduct, logged_events: Any, query: str, expected: set[str]
):
    """In name, description, article number or category; wildcards of SQL are plain characters."""
    make_product(name="Steel pan")
    make_product(name="Mug", description="Enamel on steel.")
    make_product(name="Steel ghost", is_active=False)
    assert set(names(client.get("/search/", {"q": query}))) == expected
    if query.strip("\x00"):
        assert logged_events.one("catalog.searched")["shop.search.results"] == len(expected)


def test_what_was_searched_for_is_escaped(client: Client, product: Product):
    """Markup in the search box is shown, not run."""
    page = client.get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_looking_at_a_product_is_logged(client: Client, product: Product, logged_events: Any):
    """With article number, category and price."""
    assert "Add to cart" in client.get("/product/pan-101/").content.decode()
    event = logged_events.one("catalog.viewed")
    assert event["shop.product.sku"] == "KIT-0101"
    assert event["shop.product.category"] == "kitchen"
    assert event["shop.product.price_cents"] == 2500


def test_what_is_sold_out_or_withdrawn_cannot_be_put_into_a_cart(client: Client, make_product: MakeProduct):
    """Their pages say so, and have no button."""
    make_product(stock=0)
    make_product(is_active=False)
    for page, words in (("/product/pan-101/", "Sold out"), ("/product/pan-102/", "No longer on sale")):
        html = client.get(page).content.decode()
        assert words in html
        assert "Add to cart" not in html


def test_every_picture_is_valid_and_the_same_each_time():
    """Each motif in each palette is well-formed SVG without a script, and needs no file."""
    for motif in pictures.MOTIFS:
        for palette in pictures.PALETTES:
            drawing = pictures.draw(motif, palette, "KIT-0101")
            assert drawing == pictures.draw(motif, palette, "KIT-0101")
            tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(drawing).iter()}  # noqa: S314  # ours
            assert tags <= {"svg", "rect", "circle", "ellipse", "path", "g"}
            assert "$" not in drawing


def test_a_picture_may_be_kept_for_ever(client: Client, product: Product):
    """Its address names all that it is drawn from."""
    answer = client.get(product.picture_url)
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/picture/1/sphinx/sea/KIT-0101.svg").status_code == 404
    assert client.get("/picture/1/pan/ultraviolet/KIT-0101.svg").status_code == 404


def test_stock_is_taken_all_or_none(make_product: MakeProduct):
    """Where one product is short, none of the others is taken either."""
    plenty, few = make_product(stock=10), make_product(stock=1)
    with pytest.raises(services.OutOfStock) as short:
        services.take_from_stock({plenty.pk: 3, few.pk: 2})
    assert short.value.product == few
    assert [Product.objects.get(pk=p.pk).stock for p in (plenty, few)] == [10, 1]


def test_nothing_is_sold_of_what_was_withdrawn(make_product: MakeProduct):
    """A product that staff took off sale stays in stock, also for those who have it in their carts."""
    product = make_product(is_active=False)
    with pytest.raises(services.OutOfStock):
        services.take_from_stock({product.pk: 1})


@pytest.mark.django_db(transaction=True)
def test_running_low_is_logged_after_the_commit(make_product: MakeProduct, logged_events: Any):
    """Five left: the event says so; six left: it does not."""
    low, fine = make_product(stock=6), make_product(stock=7)
    services.take_from_stock({low.pk: 1, fine.pk: 1})
    event = logged_events.one("catalog.stock_low")
    assert (event["shop.product.sku"], event["shop.product.stock"]) == (low.sku, 5)


@pytest.mark.django_db(transaction=True)
def test_what_runs_low_is_ordered_again(make_product: MakeProduct, logged_events: Any):
    """Up to the product's own number; not where staff said never, nor where enough is left."""
    low = make_product(stock=2, restock_to=40)
    never = make_product(stock=0, restock_to=0)
    fine = make_product(stock=6, restock_to=40)
    assert services.restock() == 1
    assert [Product.objects.get(pk=p.pk).stock for p in (low, never, fine)] == [40, 0, 6]
    assert logged_events.one("catalog.restocked")["shop.product.stock"] == 40
