"""Products and orders, for those who run the shop."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shopapp.catalog import services as catalog
from shopapp.catalog.models import Product
from shopapp.catalog.selectors import every_product
from shopapp.orders import selectors
from shopapp.orders.models import Order
from shopapp.payments.selectors import attempts
from shopapp.staff import services
from shopapp.staff.access import staff_only
from shopapp.staff.event_links import links_of
from shopapp.staff.forms import ProductForm

__all__ = ["add_product", "edit_product", "order", "orders", "products", "ship"]

PAGE_SIZE = 25


@staff_only
def products(request: HttpRequest) -> HttpResponse:
    """All products, also what is not on sale."""
    words = request.GET.get("q", "").strip()
    page = Paginator(every_product(words), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "staff/products.html", {"page": page, "q": words, "low_stock": catalog.LOW_STOCK})


@staff_only
def add_product(request: HttpRequest) -> HttpResponse:
    """A new product."""
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        product = catalog.create_product(form.values())
        messages.success(request, f"{product.name} was added.")
        return redirect("staff:products")
    return render(request, "staff/product_form.html", {"form": form}, status=400 if form.errors else 200)


@staff_only
def edit_product(request: HttpRequest, sku: str) -> HttpResponse:
    """Change a product."""
    product = get_object_or_404(Product, sku=sku)
    form = ProductForm(request.POST or None, instance=product)
    if request.method == "POST" and form.is_valid():
        try:
            catalog.update_product(product, form.changed_values(), form.added_stock)
        except catalog.OutOfStock:
            form.add_error("stock_change", "So many are not left.")
        else:
            messages.success(request, f"{form.cleaned_data['name']} was saved.")
            return redirect("staff:products")
    shown = Product.objects.get(pk=product.pk)  # validation writes the typed values into `product`
    context = {"form": form, "product": shown}
    return render(request, "staff/product_form.html", context, status=400 if form.errors else 200)


@staff_only
def orders(request: HttpRequest) -> HttpResponse:
    """All orders, by status and number."""
    status, words = request.GET.get("status", ""), request.GET.get("q", "").strip()
    status = status if status in Order.Status.values else ""
    page = Paginator(selectors.every_order(status, words), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "q": words, "status": status, "statuses": Order.Status.choices}
    return render(request, "staff/orders.html", context)


@staff_only
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    """One order, with its payments and the way to its events."""
    found = _find(order_id)
    context = {
        "order": found,
        "payments": attempts(found.id),
        "event_links": links_of(found),
        "can_ship": found.status == Order.Status.PAID,
        "currency": settings.SHOP_CURRENCY,
    }
    return render(request, "staff/order.html", context)


@staff_only
@require_POST
def ship(request: HttpRequest, order_id: str) -> HttpResponse:
    """The parcel left."""
    found = _find(order_id)
    if services.ship(found):
        messages.success(request, f"{found.id} is on its way.")
    else:
        messages.error(request, f"{found.id} cannot be shipped: it is {found.get_status_display()}.")
    return redirect("staff:order", order_id=found.id)


def _find(order_id: str) -> Order:
    try:
        return selectors.order(order_id)
    except Order.DoesNotExist:
        raise Http404 from None
