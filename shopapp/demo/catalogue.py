"""The demo shop's goods and people, put into an empty or a used database without harm to what is there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.text import slugify

from shopapp.accounts.models import User
from shopapp.catalog.models import Category, Product

__all__ = ["CUSTOMER", "SHOPPERS", "STAFF", "Person", "add_goods", "add_people"]

FILE = Path(__file__).parent / "catalogue.yml"


class Person(NamedTuple):
    """An account of the demo."""

    email: str
    name: str


STAFF = Person("staff@pine-and-kettle.example", "Kim Sander")
CUSTOMER = Person("ada@pine-and-kettle.example", "Ada Winter")
SHOPPERS = tuple(Person(f"shopper{n}@pine-and-kettle.example", f"Shopper {n}") for n in range(1, 13))


def add_goods() -> int:
    """Add the categories and products that are missing; how many products were. What is there stays as it is."""
    added = 0
    with transaction.atomic():
        shelves = yaml.safe_load(FILE.read_text())
        categories = [_category(position, shelf) for position, shelf in enumerate(shelves)]
        rows = zip_longest(*(shelf["products"] for shelf in shelves))  # one of each shelf, so that the newest are mixed
        for number, row in enumerate(rows, start=101):
            for shelf, category, item in zip(shelves, categories, row, strict=True):
                if item is not None:
                    sku = f"{shelf['prefix']}-{number:04}"
                    added += Product.objects.get_or_create(sku=sku, defaults=_columns(category, item))[1]
    return added


def add_people(*, staff_password: str, customer_password: str) -> None:
    """Make the accounts of staff (who may see all logs), customer and simulated shoppers, with these passwords."""
    with transaction.atomic():
        staff = _account(STAFF, is_staff=True)
        staff.user_permissions.add(*Permission.objects.filter(content_type__app_label="logpipe_console"))
        _give((staff,), staff_password)
        _give([_account(person, is_staff=False) for person in (CUSTOMER, *SHOPPERS)], customer_password)


def _category(position: int, shelf: dict[str, Any]) -> Category:
    values = {"name": shelf["name"], "blurb": shelf["blurb"], "position": position}
    return Category.objects.get_or_create(slug=slugify(shelf["name"]), defaults=values)[0]


def _columns(category: Category, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "category": category,
        "name": item["name"],
        "slug": slugify(item["name"]),
        "description": item["text"],
        "price_cents": round(item["price"] * 100),
        "stock": item["stock"],
        "restock_to": item["stock"],
        "motif": item["motif"],
        "palette": item["palette"],
    }


def _account(person: Person, *, is_staff: bool) -> User:
    return User.objects.get_or_create(email=person.email, defaults={"name": person.name, "is_staff": is_staff})[0]


def _give(users: Sequence[User], password: str) -> None:
    """Give all *users* the password, hashed once, for hashing is slow on purpose; none where they have it already."""
    if not users[0].check_password(password) or len({user.password for user in users}) > 1:
        User.objects.filter(pk__in=[user.pk for user in users]).update(password=make_password(password))
