"""What is logged of the catalogue."""

from logging_pipeline.contract import Category, Event, Field, register

__all__ = ["CATALOG"]

CATALOG = register(
    Category(
        "catalog",
        "What shoppers looked at and searched for, and what runs low.",
        fields=(
            Field("shop.product.sku", "keyword", "The product's article number.", alias="sku"),
            Field("shop.product.price_cents", "long", "Its price, cents.", alias="price_cents"),
            Field("shop.product.stock", "long", "How many are left in stock.", alias="stock"),
            Field("shop.product.category", "keyword", "The category it is in, by slug.", alias="product_category"),
            Field("shop.search.query", "keyword", "What was searched for.", alias="query"),
            Field("shop.search.results", "long", "How many products were found.", alias="results"),
            Field("shop.page", "long", "The page of a list, from 1.", alias="page"),
            Field("shop.sort", "keyword", "How a list was sorted.", alias="sort"),
        ),
        events=(
            Event("catalog.browsed", "A category was listed.", "{product_category}, page {page}"),
            Event("catalog.searched", "Somebody searched.", "searched, {results} found"),
            Event("catalog.viewed", "A product was looked at.", "{sku} viewed"),
            Event("catalog.stock_low", "A sale left few in stock.", "{sku}: {stock} left"),
            Event("catalog.restocked", "What ran low was ordered again.", "{sku}: {stock} in stock again"),
        ),
    )
)
