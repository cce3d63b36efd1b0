"""What is logged of payments; never anything of the card."""

from logging_pipeline.contract import Category, Event, Field, register

__all__ = ["PAYMENT"]

PAYMENT = register(
    Category(
        "payment",
        "Every attempt to pay, and what the provider answered.",
        fields=(
            Field("shop.order.id", "keyword", "The order's number.", alias="order_id"),
            Field("shop.payment.provider", "keyword", "Who was asked for the money.", alias="provider"),
            Field("shop.payment.reference", "keyword", "The provider's name for it.", alias="reference"),
            Field("shop.payment.status", "keyword", "authorized, declined, failed or voided.", alias="status"),
            Field("shop.payment.decline_code", "keyword", "Why it was declined.", alias="decline_code"),
            Field("shop.payment.amount_cents", "long", "How much, cents.", alias="amount_cents"),
            Field("shop.payment.currency", "keyword", "In which currency.", alias="currency"),
        ),
        events=(
            Event("payment.authorized", "The provider said yes.", "{order_id}: {amount_cents} cents authorised"),
            Event("payment.declined", "The provider said no.", "{order_id}: declined, {decline_code}"),
            Event("payment.failed", "The provider did not answer properly.", "{order_id}: payment failed"),
            Event("payment.voided", "An authorisation was given back.", "{order_id}: {amount_cents} cents given back"),
        ),
        retention_days=365,
    )
)
