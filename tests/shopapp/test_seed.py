"""``manage.py seed``."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from shopapp.accounts.models import User
from shopapp.catalog.models import Category, Product
from shopapp.demo.catalogue import CUSTOMER, STAFF

pytestmark = pytest.mark.django_db


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch):
    """Runs the command with the two passwords given; returns what it printed."""

    def run(staff: str = "staff-password", customer: str = "customer-password") -> str:
        monkeypatch.setenv("SHOP_STAFF_PASSWORD", staff)
        monkeypatch.setenv("SHOP_CUSTOMER_PASSWORD", customer)
        printed = StringIO()
        call_command("seed", stdout=printed)
        return printed.getvalue()

    return run


def test_an_empty_shop_becomes_a_full_one(seed):
    """At least sixty products on at least six shelves, each with a picture, a price, and no two alike."""
    seed()
    products = list(Product.objects.all())
    assert len(products) >= 60
    assert Category.objects.count() >= 6
    assert min(category.products.count() for category in Category.objects.all()) >= 6
    assert len({(p.motif, p.palette) for p in products}) > 50
    for product in products:
        product.full_clean()


def test_the_newest_are_from_all_shelves(seed):
    """The first page that a visitor sees is a mixture."""
    seed()
    newest = Product.objects.order_by("-added_at", "-pk")[:8]
    assert len({product.category_id for product in newest}) >= 5


def test_a_second_run_changes_nothing(seed):
    """What staff edited and what was sold stays; nothing is doubled."""
    assert "71 products added" in seed()
    Product.objects.filter(sku="KIT-0101").update(name="Edited", stock=3)
    assert "0 products added" in seed()
    product = Product.objects.get(sku="KIT-0101")
    assert (product.name, product.stock) == ("Edited", 3)
    assert User.objects.filter(is_staff=True).count() == 1


def test_the_accounts_have_the_passwords_given(seed):
    """Also when they are new ones; the passwords are not printed."""
    seed("first-password", "other-password")
    printed = seed("second-password", "third-password")
    request = RequestFactory().post("/")
    assert authenticate(request, username=STAFF.email, password="second-password").is_staff
    assert not authenticate(request, username=CUSTOMER.email, password="third-password").is_staff
    assert authenticate(request, username=STAFF.email, password="first-password") is None
    assert "password" not in printed


def test_staff_may_open_the_console(seed):
    """All its pages and categories; customers none."""
    seed()
    assert User.objects.get(email=STAFF.email).has_perm("logpipe_console.view_category_order")
    assert not User.objects.get(email=CUSTOMER.email).has_perm("logpipe_console.view_logs")


@pytest.mark.parametrize("passwords", [("", "customer-password"), ("staff-password", "short")])
def test_a_password_is_demanded(seed, passwords: tuple[str, str]):
    """There is no default; the message names the variable and how to set it."""
    with pytest.raises(CommandError, match=r"SHOP_(STAFF|CUSTOMER)_PASSWORD: is missing or shorter than 10"):
        seed(*passwords)
    assert not User.objects.exists()
    assert not Product.objects.exists()
