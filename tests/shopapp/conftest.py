"""A small shop for each test: a shelf, products, people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.test import Client

from shopapp.accounts.models import User
from shopapp.catalog.models import Category, Product

PASSWORD = "a-quiet-evening-7"
MakeProduct = Callable[..., Product]


@pytest.fixture
def shelf(db: None) -> Category:
    """A category."""
    return Category.objects.create(name="Kitchen", slug="kitchen", blurb="Pans and pots.")


@pytest.fixture
def make_product(shelf: Category) -> MakeProduct:
    """Makes products: ``make_product(stock=3)``."""
    numbers = count(101)

    def make(**given: object) -> Product:
        number = next(numbers)
        columns = {
            "category": shelf,
            "sku": f"KIT-{number:04}",
            "name": f"Pan {number}",
            "slug": f"pan-{number}",
            "description": "Seasoned with oil.",
            "price_cents": 2500,
            "stock": 10,
            "motif": "pan",
            "palette": "sea",
        }
        return Product.objects.create(**{**columns, **given})

    return make


@pytest.fixture
def product(make_product: MakeProduct) -> Product:
    """A pan for €25.00, ten in stock."""
    return make_product()


@pytest.fixture
def customer(db: None) -> User:
    """Somebody with an account."""
    return User.objects.create_user("ada@example.com", PASSWORD, "Ada Winter")


@pytest.fixture
def shopper(customer: User) -> Client:
    """The customer's browser, logged in."""
    client = Client()
    client.force_login(customer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """A staff member's browser, logged in."""
    client = Client()
    staff = User.objects.create_user("kim@example.com", PASSWORD, "Kim", is_staff=True)
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Callable[..., object]) -> Iterator[None]:
    """What waits for the commit happens, as it would without the test's own transaction around everything."""
    with django_capture_on_commit_callbacks(execute=True):
        yield
