"""`docs/shop.md` says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

from logging_pipeline.contract import contract
from shopapp.payments.provider import TEST_CARDS

PROJECT = Path(__file__).parents[2]
DOC = (PROJECT / "docs" / "shop.md").read_text()


def section(title: str) -> str:
    return DOC.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_variable_is_documented_and_read():
    """The table of settings and the code name the same variables."""
    files = [*(PROJECT / "shopapp").rglob("*.py"), PROJECT / "celery_workers" / "shop.py"]
    read = {name for file in files for name in re.findall(r'"(SHOP_[A-Z0-9_]+)"', file.read_text())}
    documented = set(re.findall(r"`(SHOP_[A-Z0-9_]+)`", section("Settings")))
    assert documented == read


def test_every_test_card_is_documented():
    """With its number and what it does."""
    text = section("Test cards").replace(" ", "")
    for number, (_, answer) in TEST_CARDS.items():
        assert number in text
        assert answer in text or answer == "processing_error"


def test_every_event_is_documented():
    """The table of events and the contract agree."""
    documented = set(re.findall(r"`(\w+\.\w+)`", section("Events"))) - {"events.py"}
    own = [contract().by_name[name] for name in ("catalog", "cart", "order", "payment")]
    assert {event.name for category in own for event in category.events} <= documented
    assert documented <= set(contract().events)


def test_every_command_exists():
    """`manage.py` knows the commands of the table."""
    assert set(re.findall(r"manage\.py (\w+)", section("Commands"))) <= set(get_commands())


def test_every_app_is_documented():
    """The table of apps is the folder's list."""
    apps = {path.name for path in (PROJECT / "shopapp").iterdir() if (path / "__init__.py").exists()}
    assert set(re.findall(r"^\| `(\w+)` \|", section("Where things are"), re.MULTILINE)) == apps
