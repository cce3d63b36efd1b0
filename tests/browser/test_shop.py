"""Somebody buys something in a real browser, on a phone and at a desk, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from shopapp.demo.catalogue import CUSTOMER, STAFF, add_goods, add_people
from shopapp.orders.models import Order
from tests.console.test_browser import CONTRASTS

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-quiet-evening-7"
PHONE, DESK = (390, 844), (1280, 900)


class Visitor:
    """A browser with the shop in it."""

    def __init__(self, window: Chrome, shop: str) -> None:
        self.window, self.shop = window, shop

    def open(self, path: str) -> None:
        self.window.get(self.shop + path)

    def see(self, selector: str) -> Any:
        return WebDriverWait(self.window, 20).until(lambda w: w.find_element(By.CSS_SELECTOR, selector))

    def type(self, **fields: str) -> None:
        for name, text in fields.items():
            field = self.see(f"[name={name}]:not([type=hidden])")
            field.clear()
            field.send_keys(text)

    def press(self, selector: str) -> None:
        """Click, and wait until the next page is there."""
        page = self.window.find_element(By.TAG_NAME, "html")
        self.see(selector).click()
        WebDriverWait(self.window, 20).until(lambda w: w.find_element(By.TAG_NAME, "html") != page)

    def log_in(self, email: str) -> None:
        self.type(username=email, password=PASSWORD)
        self.press("main button[type=submit]")

    @property
    def heading(self) -> str:
        return self.see("h1").text


@pytest.fixture
def visitor(chromium: Chrome, live_server: Any) -> Iterator[Visitor]:
    """At a shop that is open; the window is as large as a desktop's."""
    add_goods()
    add_people(staff_password=PASSWORD, customer_password=PASSWORD)
    chromium.get(live_server.url + "/healthz/")
    chromium.delete_all_cookies()
    resize(chromium, *DESK)
    chromium.get_log("browser")  # what earlier tests left
    yield Visitor(chromium, live_server.url)
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def resize(window: Chrome, width: int, height: int) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_visitor_finds_buys_and_sees_the_order(visitor: Visitor, size: tuple[int, int]):
    """Search, product, cart, log-in with the cart coming along, a declined card, a good one, the order."""
    resize(visitor.window, *size)
    visitor.open("/")
    visitor.type(q="kettle" + Keys.ENTER)
    WebDriverWait(visitor.window, 20).until(lambda w: "/search/" in w.current_url)
    visitor.press(".card-product a")
    name = visitor.heading
    visitor.type(quantity="2")
    visitor.press(".buy button")
    assert name in visitor.see(".lines").text
    visitor.press(".box-aside a.button")
    visitor.log_in(CUSTOMER.email)
    assert visitor.heading == "Checkout"
    visitor.type(street="Mill Lane 4", postcode="10115", city="Berlin")
    visitor.type(card_number="4000 0000 0000 0002", card_expiry="12/34", card_cvc="123")
    visitor.press("aside button")
    assert "declined" in visitor.see("[role=alert]").text
    visitor.type(card_number="4242 4242 4242 4242", card_cvc="123")
    visitor.press("aside button")
    assert visitor.heading == "Thank you, Ada."
    order = Order.objects.get(status="paid")
    assert order.id in visitor.see("main").text
    assert order.lines.get().quantity == 2
    visitor.open("/orders/")
    assert order.id in visitor.see(".order-list").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_is_wider_than_its_window_or_complains(visitor: Visitor, size: tuple[int, int], scheme: str):
    """No sideways scrolling, no refused style, no broken picture, text that can be read, in the colours asked for."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    visitor.window.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    resize(visitor.window, *size)
    visitor.open("/account/log-in/?next=/staff/")
    visitor.log_in(STAFF.email)
    for path in ("/", "/category/garden/", "/search/?q=a", "/product/world-radio/", "/cart/", "/orders/", "/staff/"):
        visitor.open(path)
        assert_fits(visitor.window, path)
    for path in ("/staff/products/", "/staff/products/KIT-0101/", "/staff/products/add/"):
        visitor.open(path)
        assert_fits(visitor.window, path)
    paper = visitor.window.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in paper[4:-1].split(",")) > 384) == (scheme == "light")
    assert [entry["message"] for entry in visitor.window.get_log("browser")] == []


def test_the_keyboard_is_enough(visitor: Visitor):
    """The first stop of the tab key leads past the head; from a product's number field, Enter puts it into the cart."""
    visitor.open("/product/world-radio/")
    visitor.see("body").send_keys(Keys.TAB)
    assert visitor.window.switch_to.active_element.get_attribute("class") == "skip"
    visitor.window.switch_to.active_element.send_keys(Keys.ENTER)
    assert visitor.window.current_url.endswith("#content")
    visitor.see("#quantity").send_keys(Keys.ENTER)
    WebDriverWait(visitor.window, 20).until(lambda w: w.current_url.endswith("/cart/"))
    assert "World radio" in visitor.see(".lines").text


def assert_fits(window: Chrome, path: str) -> None:
    wide, room = window.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= room, path
    assert window.execute_script("return [...document.images].filter(i => i.complete && !i.naturalWidth)") == [], path
    assert [text for ratio, needed, text in window.execute_script(CONTRASTS) if ratio < needed] == [], path
