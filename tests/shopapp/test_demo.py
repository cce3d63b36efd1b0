"""Made-up shoppers against a running shop, and the faults that they find."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import send_mail
from django.core.management import CommandError, call_command
from django.test import Client

from shopapp.catalog.models import Product
from shopapp.demo import shoppers
from shopapp.demo.browser import Browser, Page, ShopAway
from shopapp.demo.catalogue import add_goods, add_people
from shopapp.demo.moody_mail import MessageRefused
from shopapp.orders.models import Order
from shopapp.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = Path(__file__).parents[2]
PASSWORD = "a-password-for-all"


@pytest.fixture
def shop(live_server: Any) -> str:
    """A shop that is open, with the goods and people of the demo."""
    add_goods()
    add_people(staff_password=PASSWORD, customer_password=PASSWORD)
    return live_server.url


@pytest.fixture
def visit(shop: str) -> shoppers.Visit:
    """Somebody whose luck is the same each time."""
    return shoppers.Visit(Browser(shop, shoppers.USER_AGENTS[0]), random.Random(4), PASSWORD, PASSWORD)


def test_shoppers_buy(visit: shoppers.Visit):
    """The story of a purchase ends with orders that are paid, and some cards are declined on the way."""
    for _ in range(12):
        list(shoppers.buy(visit))
    assert Order.objects.filter(status="paid").count() >= 8
    assert {"authorized", "declined"} <= set(Payment.objects.values_list("status", flat=True))


def test_staff_ship_orders(visit: shoppers.Visit, logged_events: Any):
    """Which is in the audit log; where nobody knows their password, the story is not told."""
    for _ in range(3):
        list(shoppers.buy(visit))
    for _ in range(4):
        list(shoppers.mind_the_shop(visit))
    assert logged_events.named("audit.changed")
    nobody = replace(visit, staff_password="")
    told = {shoppers.pick_story(nobody).__name__ for _ in range(300)}
    assert "mind_the_shop" not in told
    assert told == {story.__name__ for story in shoppers.STORIES} - {"mind_the_shop"}


def test_mail_has_its_moods(settings: Any, tmp_path: Path):
    """Some connections and some messages are refused, most arrive."""
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "shopapp.demo.moody_mail.MoodyMail", tmp_path
    ends = Counter()
    random.seed(7)
    for _ in range(200):
        try:
            ends["sent"] += send_mail("Hello", "you", "from@shop.example", ["to@shop.example"])
        except (ConnectionRefusedError, MessageRefused) as error:
            ends[type(error).__name__] += 1
    assert set(ends) == {"sent", "ConnectionRefusedError", "MessageRefused"}
    assert ends["sent"] > 150


def test_every_story_ends_well(visit: shoppers.Visit, logged_events: Any):
    """Each can be told from its beginning to its end; between them they cause what there is to find."""
    for story in shoppers.STORIES:
        for _ in range(2):
            list(story(visit))
    logged = Counter(event.name for event in logged_events)
    for name in (
        "catalog.browsed",
        "catalog.searched",
        "catalog.viewed",
        "cart.item_added",
        "auth.login",
        "auth.failed",
    ):
        assert logged[name], name
    statuses = {event["http.response.status_code"] for event in logged_events.named("http.request")}
    assert {200, 302, 404} <= statuses
    assert 500 not in statuses  # this shop has no faults


def test_traffic_keeps_to_its_number_of_pages(shop: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any):
    """Thirty pages, then the end, with a line that says so."""
    monkeypatch.setenv("SHOP_CUSTOMER_PASSWORD", PASSWORD)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("demo_traffic", url=shop, rate=500, pages=30, seed=1)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "30 pages visited" in capsys.readouterr().out


def test_traffic_stops_at_sigterm_also_while_the_shop_is_away():
    """A process of its own ends with 0 within a second or two, shop or no shop."""
    environment = {**os.environ, "SHOP_SECRET_KEY": "k" * 64, "SHOP_CUSTOMER_PASSWORD": PASSWORD}
    environment |= {"SHOP_STATE_DIR": str(settings.STATE_DIR), "DJANGO_SETTINGS_MODULE": "shopapp.config.settings"}
    command = [sys.executable, "-u", "manage.py", "demo_traffic", "--url=http://127.0.0.1:9", "--rate=5"]
    traffic = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    assert traffic.stdout.readline() == "visiting http://127.0.0.1:9 until stopped\n"
    time.sleep(0.5)
    traffic.send_signal(signal.SIGTERM)
    printed, _ = traffic.communicate(timeout=10)
    assert (traffic.returncode, printed) == (0, "0 pages visited\n")


@pytest.mark.parametrize(
    ("given", "words"),
    [({"rate": 0}, "--rate: 0 is not above 0"), ({"url": "ftp://x"}, "--url: 'ftp://x' is no web address")],
)
def test_traffic_refuses_nonsense(given: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch):
    """With the name of the option and an example."""
    monkeypatch.setenv("SHOP_CUSTOMER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match=words):
        call_command("demo_traffic", **given)


def test_a_shop_that_is_away_is_said_to_be():
    """The browser raises one kind of error, which names the shop."""
    with pytest.raises(ShopAway, match=r"http://127\.0\.0\.1:9 does not answer"):
        Browser("http://127.0.0.1:9", "test").open("/")


def test_links_and_hidden_fields_are_read():
    """In order, once each, with entities resolved."""
    page = Page(
        "/", 200, '<a href="/a/?x=1&amp;y=2"><a href="/b/"><a href="/a/?x=1&amp;y=2"><input name="k" value="&lt;v">'
    )
    assert page.links("/") == ["/a/?x=1&y=2", "/b/"]
    assert (page.hidden("k"), page.hidden("other")) == ("<v", "")


def test_faults_are_off_unless_asked_for(client: Client, product: Product):
    """Whatever a request demands, a shop without SHOP_DEMO_FAULTS works."""
    assert "shopapp.demo.faults.Faults" not in settings.MIDDLEWARE
    assert client.get("/product/pan-101/", headers={"X-Demo-Fault": "error"}).status_code == 200


def test_faults_strike_when_they_are_on(product: Product, settings: Any, logged_events: Any):
    """A slow page takes its time and says which service was slow; a broken one answers 500; other pages are spared."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "shopapp.demo.faults.Faults"]
    client = Client(raise_request_exception=False)
    assert client.get("/product/pan-101/", headers={"X-Demo-Fault": "error"}).status_code == 500
    assert client.get("/cart/", headers={"X-Demo-Fault": "error"}).status_code == 200
    began = time.monotonic()
    assert client.get("/product/pan-101/", headers={"X-Demo-Fault": "slow"}).status_code == 200
    assert time.monotonic() - began >= 0.8
    assert logged_events.one("demo.slow_service")["labels.service_asked"] == "recommendations"
