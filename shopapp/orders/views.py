"""Checkout and the customer's orders."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from shopapp.cart.selectors import Contents, cart_of, contents
from shopapp.catalog.services import OutOfStock
from shopapp.orders import selectors
from shopapp.orders.checkout import AlreadySent, CartChanged, PaymentRefused, check_out
from shopapp.orders.forms import CheckoutForm
from shopapp.orders.models import Order
from shopapp.payments.models import Payment
from shopapp.payments.provider import TEST_CARDS
from shopapp.payments.selectors import attempts

__all__ = ["checkout", "history", "show"]

PAGE_SIZE = 10


@sensitive_post_parameters()
@never_cache
@login_required
def checkout(request: HttpRequest) -> HttpResponse:
    """Address, card, and one button."""
    cart = cart_of(request)
    bought = contents(cart)
    form = CheckoutForm(request.POST or None, initial={"name": request.user.name, "agreed_cents": bought.total_cents})
    if request.method != "POST" or not form.is_valid():
        if not bought.items:
            return redirect("cart:show")
        return _page(request, form, bought, status=400 if form.errors else 200)
    if cart is None:
        return _sent_before(request, form.cleaned_data["checkout_key"])
    try:
        order = check_out(
            cart,
            agreed_cents=form.cleaned_data["agreed_cents"],
            address={"email": request.user.email, **form.address},
            card=form.card,
            checkout_key=form.cleaned_data["checkout_key"],
        )
    except AlreadySent as error:
        return redirect(error.order if error.order.customer_id == request.user.pk else "orders:history")
    except CartChanged:
        messages.error(request, "Your cart or a price changed meanwhile. Please check it once more.")
        return redirect("cart:show")
    except OutOfStock as error:
        messages.error(request, f"Somebody was faster: too few of “{error.product.name}” are left.")
        return redirect("cart:show")
    except PaymentRefused as error:
        form.add_error(None, _explain(error.payment))
        return _page(request, _again(form), bought, status=402)
    return redirect(f"{order.get_absolute_url()}?thanks=1")


@login_required
def history(request: HttpRequest) -> HttpResponse:
    """The customer's orders, page by page."""
    page = Paginator(selectors.orders_of(request.user.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page})


@login_required
def show(request: HttpRequest, order_id: str) -> HttpResponse:
    """One of the customer's orders; somebody else's is not found."""
    try:
        order = selectors.order_of(request.user.pk, order_id)
    except Order.DoesNotExist:
        raise Http404 from None
    payment = attempts(order.id).first()
    context = {"order": order, "payment": payment, "thanks": "thanks" in request.GET}
    return render(request, "orders/order.html", context)


def _sent_before(request: HttpRequest, checkout_key: uuid.UUID) -> HttpResponse:
    """The cart is gone: this is the second click, and the first one bought it; or there was nothing to buy."""
    order = selectors.orders_of(request.user.pk).filter(checkout_key=checkout_key).first()
    return redirect(order or "cart:show")


def _page(request: HttpRequest, form: CheckoutForm, bought: Contents, status: int) -> HttpResponse:
    context = {"form": form, "contents": bought, "test_cards": TEST_CARDS}
    return render(request, "orders/checkout.html", context, status=status)


def _again(form: CheckoutForm) -> CheckoutForm:
    """The same form for another try: a key of its own, and the card is typed anew."""
    form.data = form.data.copy()
    form.data["checkout_key"] = str(uuid.uuid4())
    form.data["card_number"] = form.data["card_cvc"] = ""
    return form


_EXPLANATIONS = {
    "insufficient_funds": "Your bank says there is not enough money on this card.",
    "expired_card": "Your bank says that this card has expired.",
    "incorrect_cvc": "The security code is not right.",
    "provider_unavailable": "Our payment provider did not answer. Please try again in a moment.",
}


def _explain(payment: Payment) -> str:
    why = _EXPLANATIONS.get(payment.decline_code, "Your bank declined this card.")
    return f"{why} Nothing was charged, and your cart is as it was."
