"""What is logged of carts."""

from logging_pipeline.contract import Category, Event, Field, register

__all__ = ["CART"]

CART = register(
    Category(
        "cart",
        "What shoppers put into their carts and took out again.",
        fields=(
            Field("shop.cart.id", "keyword", "The cart, also before its owner logged in.", alias="cart_id"),
            Field("shop.cart.items", "long", "Items in the cart afterwards.", alias="items"),
            Field("shop.cart.count", "long", "How many carts it tells of.", alias="carts"),
            Field("shop.product.sku", "keyword", "The product's article number.", alias="sku"),
            Field("shop.cart.quantity", "long", "How many of the product are in the cart now.", alias="quantity"),
            Field("shop.product.price_cents", "long", "Its price, cents.", alias="price_cents"),
        ),
        events=(
            Event("cart.item_added", "A product went into a cart.", "{sku} added to a cart"),
            Event("cart.item_changed", "Its number was changed.", "{sku}: now {quantity} in a cart"),
            Event("cart.item_removed", "A product was taken out.", "{sku} removed from a cart"),
            Event("cart.merged", "At log-in the cart of the visit joined that of the account.", "carts merged"),
            Event("cart.expired", "Carts that nobody came back for were deleted.", "{carts} carts expired"),
        ),
    )
)
