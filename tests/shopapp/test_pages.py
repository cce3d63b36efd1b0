"""What holds for every page: security headers, no script, one h1; and pages for when something went wrong."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import override_settings

from shopapp.catalog.models import Product
from shopapp.config import error_pages
from shopapp.config.wsgi import application
from shopapp.orders.models import Order
from tests.shopapp.checkout import fill_cart, pay

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = Path(__file__).parents[2]
PUBLIC = ("/", "/category/kitchen/", "/search/", "/search/?q=pan", "/product/pan-101/", "/cart/", "/nope/")
VISITORS = (*PUBLIC, "/account/log-in/", "/account/sign-up/")
CUSTOMERS = (*PUBLIC, "/orders/", "/orders/checkout/", "/staff/")
STAFF = ("/staff/", "/staff/products/", "/staff/products/add/", "/staff/products/KIT-0101/")


def test_pages_run_no_script_and_have_one_heading(client: Client, shopper: Client, clerk: Client, product: Product):
    """Nothing inline that the content security policy would have to allow; one h1; a language; every picture an alt."""
    fill_cart(shopper, product)
    pay(shopper)
    fill_cart(shopper, product)
    order = Order.objects.get()
    seen = [(client, page) for page in VISITORS] + [(shopper, page) for page in (*CUSTOMERS, order.get_absolute_url())]
    seen += [(clerk, page) for page in (*STAFF, f"/staff/orders/{order.id}/")]
    for browser, page in seen:
        html = browser.get(page).content.decode()
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", html), page
        assert html.count("<h1") == 1, page
        assert '<html lang="en-GB">' in html, page
        assert all("alt=" in tag for tag in re.findall(r"<img[^>]*>", html)), page
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//(?!127\.0\.0\.1)', html), page


def test_every_field_has_a_label(client: Client, shopper: Client, clerk: Client, product: Product):
    """Each input that is not hidden has a label or a name for screen readers."""
    fill_cart(shopper, product)
    pages = [(client, p) for p in ("/account/log-in/", "/account/sign-up/", "/product/pan-101/")]
    pages += [(shopper, p) for p in ("/cart/", "/orders/checkout/")] + [(clerk, p) for p in STAFF]
    for browser, page in pages:
        html = browser.get(page).content.decode()
        labels = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
        for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
            if 'type="hidden"' not in tag:
                assert re.search(r'id="([^"]+)"', tag)[1] in labels, (page, tag)


def test_security_headers(client: Client):
    """Scripts, styles and pictures come from the shop alone, and nobody frames it."""
    headers = client.get("/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_not_found_shows_the_requests_id(client: Client, logged_events: Any):
    """What a shopper quotes is what the event of the request has."""
    answer = client.get("/product/no-such-thing/")
    assert answer.status_code == 404
    request_id = logged_events.one("http.request")["http.request.id"]
    assert answer["X-Request-ID"] == request_id
    assert f"<code>{request_id}</code>" in answer.content.decode()


def test_a_page_that_breaks_shows_the_requests_id(logged_events: Any):
    """The answer is 500 and friendly; the one event of the request carries the error and its traceback."""
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, "shopapp.demo.faults.Faults"]):
        client = Client(raise_request_exception=False, headers={"X-Demo-Fault": "error"})
        answer = client.get("/search/?q=pan")
    assert answer.status_code == 500
    event = logged_events.one("http.request")
    assert event["error.type"].endswith("SearchIndexMerging")
    assert "search index: the service answered 503" in event["error.message"]
    assert event["http.request.id"] in answer.content.decode()


def test_the_page_for_our_faults_needs_no_database():
    """The database may be what failed."""
    request = RequestFactory().get("/")
    request.request_id = "a-request-id"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", _refuse)
        answer = error_pages.server_error(request)
    assert (answer.status_code, b"a-request-id" in answer.content) == (500, True)


def test_a_form_from_elsewhere_is_refused(product: Product):
    """Without the token that the page had: 403, in words for a shopper."""
    answer = Client(enforce_csrf_checks=True).post(f"/cart/add/{product.sku}/", {"quantity": 1})
    assert answer.status_code == 403
    assert "expired" in answer.content.decode()


def test_healthz(client: Client):
    """Plain text, no session, no query."""
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"].startswith("text/plain")
    assert not answer.cookies


@pytest.mark.asyncio
async def test_pages_are_served_under_asgi(product: Product, logged_events: Any):
    """The same page, and one event of the request."""
    answer = await AsyncClient().get("/product/pan-101/")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"]
    assert len(logged_events.named("http.request")) == 1


def test_metrics_are_for_this_machine(client: Client):
    """Prometheus may read them from loopback; from elsewhere there is no such page."""
    assert client.get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 404


def test_a_secret_key_is_demanded():
    """Without one, or with a short one, nothing starts, and the message says what to do."""
    for key in ("", "short"):
        ended = manage({"SHOP_SECRET_KEY": key}, "check")
        assert ended.returncode != 0
        assert "SHOP_SECRET_KEY: is missing or shorter than 32 characters. Make one" in ended.stderr


def test_django_finds_nothing_to_warn_of_behind_tls():
    """With SHOP_HTTPS the deployment check of Django is content."""
    https = {"SHOP_HTTPS": "on", "SHOP_SECRET_KEY": secrets.token_hex(32)}
    ended = manage(https, "check", "--deploy", "--fail-level=WARNING")
    assert ended.returncode == 0, ended.stderr


def test_migrations_are_complete():
    """No model has changed without one."""
    ended = manage({"SHOP_SECRET_KEY": secrets.token_hex(32)}, "makemigrations", "--check", "--dry-run")
    assert ended.returncode == 0, ended.stdout


def test_the_wsgi_application_is_djangos():
    """What gunicorn loads."""
    assert isinstance(application, WSGIHandler)


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` in a process of its own, with the shop's real settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "DJANGO_"))}
    environment = {**inherited, "SHOP_STATE_DIR": str(settings.STATE_DIR), **environment}
    command = (sys.executable, "manage.py", *command)
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)


def _refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("the database was asked")
