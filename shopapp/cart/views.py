"""The cart's page and its buttons."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shopapp.cart import selectors, services
from shopapp.cart.forms import AddForm, QuantityForm
from shopapp.catalog.models import Product

__all__ = ["add", "change", "show"]


def show(request: HttpRequest) -> HttpResponse:
    """What is in it, and what it costs."""
    contents = selectors.contents(selectors.cart_of(request))
    return render(request, "cart/cart.html", {"contents": contents, "max_quantity": services.MAX_QUANTITY})


@require_POST
def add(request: HttpRequest, sku: str) -> HttpResponse:
    """Put some of a product into the cart."""
    product = get_object_or_404(Product, sku=sku, is_active=True)
    form = AddForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Choose a number from 1 to {services.MAX_QUANTITY}.")
        return redirect(product)
    try:
        services.add(services.cart_for(request), product, form.cleaned_data["quantity"])
    except services.CartFull:
        messages.error(request, f"A cart holds {services.MAX_LINES} different products; yours is full.")
        return redirect("cart:show")
    messages.success(request, f"{product.name} is in your cart.")
    return redirect("cart:show")


@require_POST
def change(request: HttpRequest, sku: str) -> HttpResponse:
    """Have another number of a product in the cart, or none."""
    product = get_object_or_404(Product, sku=sku)
    form = QuantityForm(request.POST)
    cart = selectors.cart_of(request)
    if not form.is_valid():
        messages.error(request, f"Choose a number from 0 to {services.MAX_QUANTITY}.")
    elif cart is not None:
        services.set_quantity(cart, product, form.cleaned_data["quantity"])
    return redirect("cart:show")
