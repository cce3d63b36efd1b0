"""A project's declarations: what disagrees is refused at import, by name."""

from __future__ import annotations

import pytest

from logging_pipeline.contract import (
    CORE_CATEGORIES,
    CORE_FIELDS,
    Category,
    Contract,
    Event,
    Field,
    contract,
    register,
    registry,
)
from logging_pipeline.errors import ContractError


def made(*categories: Category) -> Contract:
    return Contract(CORE_FIELDS, (*CORE_CATEGORIES, *categories))


def test_the_core_agrees_with_itself():
    """Every core category has its fields by name and by alias."""
    found = made()
    assert found.aliases["task"]["task_name"].name == "celery.task.name"
    assert "task_name" not in found.aliases["http"]
    assert found.events["http.request"].message


def test_fields_of_a_category_are_the_core_and_its_own():
    """A category sees no other category's fields."""
    names = {f.name for f in made().fields_of("audit")}
    assert {"message", "audit.changes"} <= names
    assert "celery.task.name" not in names


@pytest.mark.parametrize(
    ("declare", "problem"),
    [
        (lambda: Event("placed", "x"), "words joined by dots"),
        (lambda: Category("Order", "x"), "lower case"),
        (lambda: Category("all", "x"), "none of"),
        (lambda: Category("order", "x", events=(Event("cart.emptied", "x"),)), "its name must begin so"),
        (lambda: Field("Shop.id", "long", "x"), "names are lower case"),
        (lambda: Field("shop.id", "wildcard", "x"), "type 'wildcard'"),  # type: ignore[arg-type]  # the point
        (lambda: made(Category("http", "x")), "category 'http' is declared twice"),
        (lambda: made(Category("a", "x", fields=(Field("message", "long", "x"),))), "declared as text and as long"),
        (lambda: made(Category("a", "x", fields=(Field("message.x", "long", "x"),))), "lies below 'message'"),
        (
            lambda: made(Category("a", "x", fields=(Field("x.a", "long", "", "n"), Field("x.b", "long", "", "n")))),
            "alias 'n' stands for both",
        ),
    ],
)
def test_what_disagrees_is_refused(declare, problem):
    """The error names the declaration and what is wrong with it."""
    with pytest.raises(ContractError, match=problem):
        declare()


def test_registering_the_same_twice_is_one(monkeypatch):
    """An ``events.py`` may be imported under two names."""
    monkeypatch.setattr(registry, "_contract", registry.contract())  # puts the contract back at the end
    monkeypatch.setattr(registry, "_own", {})
    register(Category("registrytest", "Only in this test.", events=(Event("registrytest.seen", "x"),)))
    register(Category("registrytest", "Only in this test.", events=(Event("registrytest.seen", "x"),)))
    assert [c.name for c in contract().categories] == [*(c.name for c in CORE_CATEGORIES), "registrytest"]
    with pytest.raises(ContractError, match="registered twice"):
        register(Category("registrytest", "Something else."))
    assert "registrytest.seen" in contract().events
