"""What is logged of orders; never a name or an address."""

from logging_pipeline.contract import Category, Event, Field, register

__all__ = ["ORDER"]

ORDER = register(
    Category(
        "order",
        "What customers ordered, and what became of it.",
        fields=(
            Field("shop.order.id", "keyword", "The order's number.", alias="order_id"),
            Field("shop.order.status", "keyword", "pending, paid, shipped or cancelled.", alias="status"),
            Field("shop.order.total_cents", "long", "What the customer pays, cents.", alias="total_cents"),
            Field("shop.order.value_bucket", "keyword", "small, medium, large or very_large.", enriched=True),
            Field("shop.order.shipping_cents", "long", "Of that, for shipping, cents.", alias="shipping_cents"),
            Field("shop.order.currency", "keyword", "In which currency.", alias="currency"),
            Field("shop.order.country", "keyword", "The country it goes to.", alias="country"),
            Field("shop.order.items", "long", "How many items were ordered.", alias="items"),
            Field("shop.product.sku", "keyword", "The product's article number.", alias="sku"),
            Field("shop.product.stock", "long", "How many are left in stock.", alias="stock"),
            Field("shop.notice.kind", "keyword", "What a customer was told.", alias="kind"),
        ),
        events=(
            Event("order.placed", "An order was paid and accepted.", "{order_id} placed, {total_cents} cents"),
            Event("order.out_of_stock", "A checkout failed: too few were left.", "out of stock: {sku}, {stock} left"),
            Event("order.cancelled", "An order came to nothing; stock was returned.", "{order_id} cancelled: {reason}"),
            Event("order.shipped", "The parcel left.", "{order_id} shipped"),
            Event("order.notified", "The customer was told by e-mail.", "{order_id}: {kind} sent"),
        ),
        retention_days=365,
    )
)
