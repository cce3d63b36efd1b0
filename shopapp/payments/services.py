"""How an order is paid."""

from __future__ import annotations

from functools import partial

import structlog
from django.conf import settings
from django.db import transaction

from shopapp.payments.models import Payment
from shopapp.payments.provider import Card, ProviderUnavailable, TestProvider

__all__ = ["pay", "void"]

log = structlog.get_logger("shopapp.payments")


def pay(order_id: str, amount_cents: int, card: Card) -> Payment:
    """
    Ask the provider for *amount_cents* and keep its answer, whatever it is.

    Never called inside a transaction: a slow provider would hold its locks.
    """
    provider = TestProvider(decline_rate=settings.SHOP_PAYMENT_DECLINE_RATE)
    payment = Payment(order_id=order_id, provider=provider.name, amount_cents=amount_cents, card_last4=card.number[-4:])
    try:
        answer = provider.authorize(card, amount_cents)
    except ProviderUnavailable as error:
        payment.status = Payment.Status.FAILED
        payment.decline_code = "provider_unavailable"
        return _keep(payment, reason=str(error))
    payment.reference, payment.card_brand, payment.decline_code = answer.reference, answer.brand, answer.decline_code
    payment.status = Payment.Status.DECLINED if answer.decline_code else Payment.Status.AUTHORIZED
    return _keep(payment)


def void(payment: Payment) -> Payment:
    """Give an authorisation back: the order is not to be had any more."""
    payment.status = Payment.Status.VOIDED
    return _keep(payment, reason="order_cancelled")


_LEVELS = {
    Payment.Status.AUTHORIZED: log.info,
    Payment.Status.DECLINED: log.warning,
    Payment.Status.FAILED: log.error,
    Payment.Status.VOIDED: log.warning,
}


def _keep(payment: Payment, **details: str) -> Payment:
    with transaction.atomic():
        payment.save()
        if payment.decline_code:
            details["decline_code"] = payment.decline_code
        if payment.reference:
            details["reference"] = payment.reference
        status = Payment.Status(payment.status)
        transaction.on_commit(
            partial(
                _LEVELS[status],
                f"payment.{status}",
                order_id=payment.order_id,
                provider=payment.provider,
                status=str(status),
                amount_cents=payment.amount_cents,
                currency=settings.SHOP_CURRENCY,
                outcome="success" if payment.authorized else "failure",
                **details,
            )
        )
    return payment
