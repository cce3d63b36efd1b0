"""``manage.py seed``: goods to sell and people to buy them. Can be run again."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopapp.demo.catalogue import CUSTOMER, STAFF, add_goods, add_people


class Command(BaseCommand):
    help = "Add the demo shop's goods and accounts; passwords come from SHOP_STAFF_PASSWORD and SHOP_CUSTOMER_PASSWORD."

    def handle(self, *_: Any, **__: Any) -> None:
        staff, customer = _secret("SHOP_STAFF_PASSWORD"), _secret("SHOP_CUSTOMER_PASSWORD")
        added = add_goods()
        add_people(staff_password=staff, customer_password=customer)
        self.stdout.write(f"{added} products added; staff {STAFF.email}, customer {CUSTOMER.email}")


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) < 10:
        raise CommandError(
            f'{name}: is missing or shorter than 10 characters. Set it: {name}="$(openssl rand -hex 12)"'
        )
    return value
