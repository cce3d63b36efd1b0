"""The main job, as a newcomer does it: buy something in the shop, find the order's events together in the console."""

from __future__ import annotations

import re
import time

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.whole_stack import Run

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(600)]

PATIENCE_S = 60


def open_page(window: Chrome, url: str) -> None:
    window.get(url)


def press(window: Chrome, selector: str, text: str = "") -> None:
    """Click what *selector* finds (with *text* in it) and wait for the next page."""
    page = window.find_element(By.TAG_NAME, "html")
    found = [element for element in window.find_elements(By.CSS_SELECTOR, selector) if text in element.text]
    assert found, f"nothing to press: {selector} {text!r} on {window.current_url}"
    found[0].click()
    WebDriverWait(window, PATIENCE_S).until(lambda w: w.find_element(By.TAG_NAME, "html") != page)


def fill(window: Chrome, **fields: str) -> None:
    for name, text in fields.items():
        field = window.find_element(By.CSS_SELECTOR, f"main [name={name}]:not([type=hidden])")
        field.clear()
        field.send_keys(text)


def log_in(window: Chrome, run: Run, person: str) -> None:
    window.get(f"{run.web}/account/log-in/")
    window.delete_all_cookies()
    email, password = run.password_of(person)
    window.get(f"{run.web}/account/log-in/")
    fill(window, username=email, password=password)
    press(window, "main button[type=submit]")


def events_of_the_page(window: Chrome) -> set[str]:
    """The names of the events in the table that is shown."""
    rows = window.find_elements(By.CSS_SELECTOR, "main table tbody tr")
    return {word for row in rows for word in re.findall(r"[a-z]+\.[a-z_]+", row.text)}


def buy(window: Chrome, run: Run) -> str:
    """Order one thing; the order's number."""
    open_page(window, f"{run.web}/category/kitchen/")
    press(window, "main a[href*='/product/']")
    press(window, "main button", "Add to cart")
    open_page(window, f"{run.web}/orders/checkout/")
    fill(window, street="Harbour Lane 4", postcode="1000", city="Lisbon")
    fill(window, card_number="4242424242424242", card_expiry="12/39", card_cvc="123")
    press(window, "main button[type=submit]", "Pay")
    number = re.search(r"/orders/(PK-\w+)/", window.current_url)
    assert number, window.find_element(By.TAG_NAME, "main").text
    return number[1]


def test_a_newcomer_finds_an_order_with_its_request_and_task(run: Run, chromium: Chrome) -> None:
    """From a click in the shop to the order's request, payment and background task, together, on one page."""
    chromium.set_window_size(1280, 900)
    log_in(chromium, run, "Customer")
    order = buy(chromium, run)

    log_in(chromium, run, "Staff")
    open_page(chromium, f"{run.web}/staff/orders/{order}/")
    links = chromium.find_elements(By.CSS_SELECTOR, "main a[href*='/ops/logs/']")
    address = next(a.get_attribute("href") for a in links if order in a.get_attribute("href"))
    deadline = time.monotonic() + PATIENCE_S
    while True:
        open_page(chromium, address)
        found = events_of_the_page(chromium)
        if {"order.placed", "payment.authorized"} <= found:
            break
        assert time.monotonic() < deadline, found
        time.sleep(0.5)

    rows = chromium.find_elements(By.CSS_SELECTOR, "main table tbody tr")
    placed = next(row for row in rows if "order.placed" in row.text)
    trace = placed.find_element(By.CSS_SELECTOR, "a[href*='/trace/']").get_attribute("href")
    while True:
        open_page(chromium, trace)
        found = events_of_the_page(chromium)
        if {"http.request", "order.placed", "payment.authorized", "task.run"} <= found:
            break
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    text = chromium.find_element(By.TAG_NAME, "main").text
    assert "POST /orders/checkout/" in text
    assert "shop-worker" in text
    assert "4242424242424242" not in chromium.page_source


def test_an_error_page_leads_to_its_events(run: Run, chromium: Chrome) -> None:
    """The number that an error page shows to a shopper finds the request in the console."""
    log_in(chromium, run, "Staff")
    open_page(chromium, f"{run.web}/product/there-is-no-such-thing/")
    number = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", chromium.find_element(By.TAG_NAME, "body").text)
    assert number
    deadline = time.monotonic() + PATIENCE_S
    while True:
        open_page(chromium, f"{run.console}/ops/logs/?q={number[0]}")
        text = chromium.find_element(By.TAG_NAME, "main").text
        if "GET /product/there-is-no-such-thing/ 404" in text:
            break
        assert time.monotonic() < deadline, text
        time.sleep(0.5)
