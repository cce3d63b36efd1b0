"""Where a project's own categories come together with the core's."""

from __future__ import annotations

from threading import Lock

from logging_pipeline.contract.categories import Category, Contract
from logging_pipeline.contract.core import CORE_CATEGORIES, CORE_FIELDS
from logging_pipeline.errors import ContractError

__all__ = ["contract", "register"]

_lock = Lock()
_own: dict[str, Category] = {}
_contract = Contract(CORE_FIELDS, CORE_CATEGORIES)


def register(category: Category) -> Category:
    """
    Add *category* to the project's contract; the same declaration twice is one.

    Called at import of an app's ``events.py``. A producer that is already running takes the change with its next batch.

    Raises:
        ContractError: it disagrees with a category, field or event that is there already.
    """
    global _contract
    with _lock:
        if _own.get(category.name, category) != category:
            raise ContractError(f"category {category.name!r} is registered twice, with different declarations")
        own = {**_own, category.name: category}
        _contract = Contract(CORE_FIELDS, (*CORE_CATEGORIES, *own.values()))
        _own[category.name] = category
    return category


def contract() -> Contract:
    """The contract as registered so far: the core's categories, then the project's."""
    return _contract
