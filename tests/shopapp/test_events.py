"""The events that the shop declares are those that it logs."""

from __future__ import annotations

import ast
from pathlib import Path

from logging_pipeline.contract import contract
from shopapp.payments.models import Payment

SHOP = Path(__file__).parents[2] / "shopapp"
OWN = ("catalog", "cart", "order", "payment")


def logged_names() -> set[str]:
    """Every event name in the shop's code: text with a dot whose first word is a category, outside of declarations."""
    found = {f"payment.{status}" for status in Payment.Status.values}  # made of the status
    for file in SHOP.rglob("*.py"):
        if "migrations" not in file.parts and (file.name != "events.py" or file.parent.name == "accounts"):
            found |= {node.value for node in ast.walk(ast.parse(file.read_text())) if _is_event(node)}
    return found - TASKS


def test_every_event_of_the_shop_is_declared():
    """With a description and a line for people; nothing is logged that the contract does not know."""
    assert logged_names() <= set(contract().events)


def test_every_declared_event_is_logged():
    """The docs that are made from the contract promise nothing that no code does."""
    declared = {event.name for name in OWN for event in contract().by_name[name].events}
    assert declared <= logged_names()


def test_the_shops_own_fields_have_its_prefix():
    """Beside the core's names, ours are ``shop.*``."""
    own = {field.name for name in OWN for field in contract().by_name[name].fields}
    assert own
    assert all(name.startswith("shop.") for name in own)


TASKS = {"catalog.restock", "cart.expire"}  # names of Celery tasks


def _is_event(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    category, dot, rest = node.value.partition(".")
    return bool(dot) and category in (*OWN, "auth", "audit") and rest.isidentifier() and category != rest
